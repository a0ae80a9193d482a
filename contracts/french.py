"""The shapes of findings in French, for those who receive them; in English they are for us and our logs.

A shape is made of a few phrases, so a table of phrases translates it. A test holds that every phrase that
a contract or the reader can produce is in the table.
"""

import re

_PHRASES = {
    r"\+ and 7 to 15 digits": "+ et 7 à 15 chiffres",
    r"1 or 0": "1 ou 0",
    r"1 to 36 letters, digits or dashes": "1 à 36 lettres, chiffres ou tirets",
    r"R, 5 digits, -, year, -, 6 digits": "R, 5 chiffres, -, année, -, 6 chiffres",
    r"a code of the list": "un code de la liste",
    r"a date YYYY-MM-DD": "une date AAAA-MM-JJ",
    r"a letter A to N and 4 or 6 digits": "une lettre de A à N et 4 ou 6 chiffres",
    r"a timestamp YYYY-MM-DDThh:mm:ss\+hh:mm": "un instant AAAA-MM-JJThh:mm:ss+hh:mm",
    r"a whole number from 1": "un nombre entier à partir de 1",
    r"an e-mail address": "une adresse électronique",
    r"at most (\d+) letters or digits": r"au plus \1 lettres ou chiffres",
    r"at most (\d+) capitals, digits or dashes": r"au plus \1 majuscules, chiffres ou tirets",
    r"at most (\d+) capitals, digits or _": r"au plus \1 majuscules, chiffres ou _",
    r"at most (\d+) capitals, digits, spaces or dashes": r"au plus \1 majuscules, chiffres, espaces ou tirets",
    r"at most (\d+) characters": r"au plus \1 caractères",
    r"codes of the list, joined by \|": "des codes de la liste, séparés par |",
    r"language:level, joined by \|": "langue:niveau, séparés par |",
    r"occupations joined by \|": "des métiers séparés par |",
    r"not a possible value": "valeur impossible",
    r"the declared encoding is unknown": "l'encodage déclaré est inconnu",
    r"a byte that is not ([\w-]+)": r"un octet qui n'est pas de l'encodage \1",
    r"a NUL byte": "un octet NUL",
    r"a quote that is not closed, or text after a closing quote": (
        "un guillemet non refermé, ou du texte après un guillemet fermant"
    ),
    r"a cell of more than (\d+) characters: a quote that is not closed\?": (
        r"une cellule de plus de \1 caractères : un guillemet non refermé ?"
    ),
    r"more than (\d+) bytes": r"plus de \1 octets",
    r"more than (\d+) rows": r"plus de \1 lignes",
    r"the delimiter is a comma, a semicolon is expected": "le séparateur est une virgule ; il faut un point-virgule",
    r"the delimiter is a tabulation, a semicolon is expected": (
        "le séparateur est une tabulation ; il faut un point-virgule"
    ),
    r"the delimiter is a vertical bar, a semicolon is expected": (
        "le séparateur est une barre verticale ; il faut un point-virgule"
    ),
    r"no header row: no cell is a column of the contract": (
        "pas de ligne d'en-tête : aucune cellule n'est une colonne du contrat"
    ),
    r"columns in another order": "colonnes dans un autre ordre",
    r"missing: ": "colonnes manquantes : ",
    r"more than once: ": "colonnes en double : ",
    r"unknown in position: ": "colonnes inconnues en position : ",
    r"(\d+) digits?": r"\1 chiffre(s)",
    r"(\d+) letters?": r"\1 lettre(s)",
    r"(\d+) others?": r"\1 autre(s) caractère(s)",
    r"(\d+) cells?": r"\1 cellule(s)",
    r"empty": "vide",
    r"\bexpected\b": "attendu",
}
_TABLE = re.compile("|".join(f"({pattern})" for pattern in _PHRASES))


def in_french(shape: str | None) -> str | None:
    """The same shape, phrase by phrase."""
    return None if shape is None else _TABLE.sub(_translate, shape)


def _translate(found: re.Match[str]) -> str:
    return next(
        re.sub(pattern, french, found[0]) for pattern, french in _PHRASES.items() if re.fullmatch(pattern, found[0])
    )
