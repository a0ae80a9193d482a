"""The words of a contract's page that are not the contract's, in French and in English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Headings, titles of tables and short sentences of a page, in one language."""

    other: Callable[[str], str]  # the line that leads to the page in the other language
    colon: str
    common: str
    contract: str
    sender: str
    receiver: str
    key: str
    added: str
    files: str
    of_files: Mapping[str, str]
    columns: str
    column_titles: tuple[str, ...]
    kinds: Mapping[str, str]
    natures: Mapping[str, str]
    yes: str
    flag: str
    of_list: str
    several: str
    code_lists: str
    code_titles: tuple[str, ...]
    rules: str
    rule_titles: tuple[str, ...]
    general: str
    environment: str
    warning: str
    valid: str
    valid_says: str
    faulty: str
    faulty_says: str
    answer_titles: tuple[str, ...]


WORDS: Mapping[str, Words] = {
    "fr": Words(
        other=lambda name: f"[In English](en/{name}.md)",
        colon=" :",
        common="Les noms de fichiers, les manifestes et l'écriture du CSV sont dans "
        "[la page des échanges](../partners/exchange.md), les réponses dans "
        "[la liste des codes](../partners/codes.md). Toutes les personnes des exemples sont inventées.",
        contract="contrat",
        sender="de",
        receiver="à",
        key="clé d'une ligne",
        added="colonnes que la version 1 n'a pas",
        files="fichiers",
        of_files={
            "template.csv": "modèle CSV vide",
            "valide.csv": "exemple valide",
            "fautif.csv": "exemple fautif",
            "odcs.yaml": "contrat ODCS",
            "tableschema.json": "Table Schema",
        },
        columns="Colonnes",
        column_titles=("colonne", "sens", "requis", "type", "ce qu'elle attend", "exemple", "nature"),
        kinds={
            "text": "texte",
            "niss": "texte",
            "int": "nombre entier",
            "decimal": "nombre",
            "date": "date",
            "incomplete_date": "date",
            "timestamp": "moment",
            "bool": "oui ou non",
            "code": "code",
            "list": "liste",
        },
        natures={"direct": "identifie la personne", "quasi": "la décrit", "coded": "codée"},
        yes="oui",
        flag="1 (oui) ou 0 (non)",
        of_list="un code de la liste",
        several="plusieurs séparés par |",
        code_lists="Listes de codes",
        code_titles=("code", "sens", "valable du", "jusqu'au"),
        rules="Règles",
        rule_titles=("colonne", "code", "règle, ou ce qui est dit quand elle est enfreinte"),
        general="Et pour toutes les colonnes, d'après le tableau ci-dessus :",
        environment="Dans l'environnement réel, R105 prend la place de R106 : une personne de test y est refusée.",
        warning="avertissement : la ligne est gardée",
        valid="Exemple valide",
        valid_says="Ce fichier est accepté en entier.",
        faulty="Exemple fautif",
        faulty_says="Chaque ligne a au moins un défaut ; voici la réponse de Passerelle. La ligne 1 est l'en-tête.",
        answer_titles=("ligne", "colonne", "code", "ce qu'il dit", "forme lue", "comment corriger"),
    ),
    "en": Words(
        other=lambda name: f"[En français](../{name}.md)",
        colon=":",
        common="File names, manifests and how the CSV is written are on the "
        "[page of the exchanges](../../partners/exchange.md), the answers in the "
        "[list of codes](../../partners/codes.md) (both in French). All persons of the examples are invented.",
        contract="contract",
        sender="from",
        receiver="to",
        key="key of a row",
        added="columns that version 1 has not",
        files="files",
        of_files={
            "template.csv": "empty CSV template",
            "valide.csv": "valid sample",
            "fautif.csv": "faulty sample",
            "odcs.yaml": "ODCS contract",
            "tableschema.json": "Table Schema",
        },
        columns="Columns",
        column_titles=("column", "meaning", "required", "type", "what it expects", "example", "nature"),
        kinds={
            "text": "text",
            "niss": "text",
            "int": "whole number",
            "decimal": "number",
            "date": "date",
            "incomplete_date": "date",
            "timestamp": "timestamp",
            "bool": "yes or no",
            "code": "code",
            "list": "list",
        },
        natures={"direct": "names the person", "quasi": "describes them", "coded": "coded"},
        yes="yes",
        flag="1 (yes) or 0 (no)",
        of_list="a code of the list",
        several="several joined by |",
        code_lists="Code lists",
        code_titles=("code", "meaning", "valid from", "until"),
        rules="Rules",
        rule_titles=("column", "code", "rule, or what is said when it is broken"),
        general="And for every column, as the table above says:",
        environment="In the real environment R105 takes the place of R106: an invented person is refused there.",
        warning="warning: the row is kept",
        valid="Valid sample",
        valid_says="This file is accepted whole.",
        faulty="Faulty sample",
        faulty_says="Each row has one or more faults; this is what Passerelle answers. Line 1 is the header.",
        answer_titles=("line", "column", "code", "what it says", "shape read", "how to mend it"),
    ),
}
