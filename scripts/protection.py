"""What the pages for the data-protection officer take from the code and the registry: tables in French."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from contracts.meanings import of_feed
from contracts.model import Contract
from contracts.registry import contracts
from hub.audit import CATALOGUE
from hub.partners import Registry, load_registry
from hub.pseudonymise import CPAS_IDENTITY, FOREM_IDENTITY, LOCAL_REFERENCE
from hub.retention import load_retention
from hub.reveal import REASONS as REVEALED
from hub.reveal import VALID
from hub.rights import REASONS as ERASED
from hub.settings import load_settings
from hub.stores import tables

ROOT = Path(__file__).resolve().parents[1]
NATURES = {
    "direct": "identifie la personne : jamais dans le registre, scellé pour son destinataire",
    "quasi": "peut la désigner avec d'autres : généralisé ou laissé de côté",
    "coded": "codé : registre, sous un identifiant aléatoire",
}
BEARING = {"sid", "sids", "person", "entity_id", "row_key", "about"}
STORED = {
    "ledger": "registre : sans NISS, nom, date de naissance ni clé",
    "identity": "magasin d'identité : index à clés, capsules fermées",
}


def terms() -> str:
    """How long each category is kept."""
    found = load_retention(ROOT / "partners" / "retention.toml")
    rows = [(t.label, f"{t.days} jours", t.starts, t.basis, t.source) for t in found.values()]
    return _table(("catégorie", "durée", "à compter de", "fondement", "d'où vient la durée"), rows)


def data() -> str:
    """What each feed about people holds, column by column, by nature."""
    rows = [
        (
            f"{c.feed} ({of_feed(c, 'fr').title})",
            of_feed(c, "fr").sender,
            of_feed(c, "fr").purpose,
            *(", ".join(f"`{f.name}`" for f in c.fields if f.nature == nature) or "—" for nature in NATURES),
        )
        for c in _of_people("in")
    ]
    natures = "".join(f"* **{name}** : {text}\n" for name, text in NATURES.items())
    return natures + "\n" + _table(("flux", "de", "finalité", *NATURES), rows)


def recipients() -> str:
    """Who is told what: feeds about people that leave the hub, and what is sealed to whom."""
    known = Counter(str(p.kind) for p in _registry().list())
    rows = [
        (
            f"{c.feed} ({of_feed(c, 'fr').title})",
            of_feed(c, "fr").receiver,
            ", ".join(f"`{f.name}`" for f in c.fields if f.nature == "direct"),
            str(sum(f.nature == "coded" for f in c.fields)),
        )
        for c in _of_people("out")
    ]
    sealed = (
        f"* capsule pour le CPAS : {', '.join(CPAS_IDENTITY)} ; sa propre référence : {', '.join(LOCAL_REFERENCE)}\n"
        f"* capsule pour le Forem : {', '.join(FOREM_IDENTITY)}\n"
    )
    partners = ", ".join(f"{kind} {n}" for kind, n in sorted(known.items()))
    head = ("flux publié", "à", "colonnes scellées ou jetons", "colonnes codées")
    return f"Partenaires au registre : {partners}.\n\n{sealed}\n" + _table(head, rows)


def bases() -> str:
    """The legal bases under which partners exchange, with their first day."""
    rows = [(f"`{name}`", str(since)) for name, since in sorted(_registry().legal_bases.items())]
    return _table(("base légale", "depuis le"), rows)


def erasures() -> str:
    """The grounds on which somebody is erased."""
    return _table(("motif", "fondement"), [(f"`{name}`", text) for name, text in ERASED.items()])


def reveals() -> str:
    """Why a reveal may be asked for."""
    hours = f"Une demande vaut {VALID.total_seconds() / 3600:.0f} heures.\n\n"
    return hours + _table(("motif", "en mots"), [(f"`{name}`", text) for name, text in REVEALED.items()])


def logged() -> str:
    """What the audit log takes of each thing done."""
    rows = [(f"`{k.name}`", ", ".join(f"`{n}`" for n in (*k.fields, *k.counts))) for k in CATALOGUE.values()]
    return _table(("entrée", "champs permis, et aucun autre"), rows)


def stores() -> str:
    """The tables of each store that bear a subject, or an id in which a subject or a referral can be."""
    rows = []
    for zone, text in STORED.items():
        every = getattr(tables, zone).sorted_tables
        bearing = [t.name for t in every if BEARING & set(t.columns.keys())]
        rows.append((text, str(len(every)), ", ".join(f"`{name}`" for name in bearing)))
    return _table(("magasin", "tables", "celles qui portent un sujet ou une référence"), rows)


def figures() -> str:
    """The settings that limit what anybody can learn."""
    settings = load_settings({})
    return _table(
        ("réglage", "valeur par défaut"),
        [
            ("plus petit effectif montré dans les chiffres annuels", str(settings.smallest_count)),
            ("environnement", settings.environment),
            ("part de lignes rejetées qui refuse un fichier", str(settings.refused_share)),
        ],
    )


def threats() -> str:
    """The risks, what is done about each, and the tests that prove it. ValueError for a test that is not there."""
    rows = []
    lines = (ROOT / "scripts" / "threats.csv").read_text(encoding="utf-8").splitlines()[1:]
    for number, threat, control, test in (line.split(";") for line in lines):
        for one in test.split():
            file, _, name = one.partition("::")
            if f"def {name}(" not in (ROOT / "tests" / file).read_text(encoding="utf-8"):
                raise ValueError(f"no test {one}")
        rows.append((number, threat, control, "<br>".join(f"`tests/{one}`" for one in test.split()), ""))
    return _table(("n°", "risque", "mesure", "preuve", "risque restant, à juger par le responsable"), rows)


@cache
def _registry() -> Registry:
    return load_registry(ROOT / "partners")


def _of_people(direction: str) -> list[Contract]:
    """The newest version of each contract about people in a direction."""
    newest = {
        c.feed: c
        for c in sorted(contracts("R"), key=lambda c: c.version)
        if c.direction == direction and any(f.nature == "direct" for f in c.fields)
    }
    return [newest[feed] for feed in sorted(newest)]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
