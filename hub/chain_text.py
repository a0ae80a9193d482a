"""The answer of `passerelle chain verify` as lines to read on a terminal, in four languages."""

from collections.abc import Iterator

from contracts.words import Language
from hub.chain_folder import Remark, Verified, What

_SEQUENCES = "SEQUENCES"  # of a gap: the numbers that miss
_TEXTS: dict[Language, dict[What | str, str]] = {
    "fr": {
        "counts": "{files} fichier(s), {lines} suite(s)",
        "whole": "Aucun fichier ne manque ni n'a changé.",
        "broken": "{n} chose(s) à voir :",
        "ALTERED": "le contenu n'est pas celui que son GO annonce : fichier modifié ou abîmé",
        "NO_GO": "son GO manque",
        "BAD_GO": "son GO est illisible, ou annonce un autre fichier",
        "NO_DATA": "le GO est là, mais pas le fichier de données",
        "GAP": "il suit un fichier qui n'est pas dans le dossier",
        _SEQUENCES: "il manque avant lui la séquence {first} à {last}",
        "FORK": "il suit un autre fichier que le précédent : deux suites divergent",
        "TWICE": "sa séquence est déjà celle d'un autre fichier",
        "BEGINS": "la suite commence ici dans ce dossier ; ce qui précède n'est pas vérifié",
    },
    "de": {
        "counts": "{files} Datei(en), {lines} Reihe(n)",
        "whole": "Keine Datei fehlt, keine wurde geändert.",
        "broken": "{n} Feststellung(en):",
        "ALTERED": "der Inhalt ist nicht der von ihrer GO angekündigte: geändert oder beschädigt",
        "NO_GO": "ihre GO fehlt",
        "BAD_GO": "ihre GO ist unlesbar oder kündigt eine andere Datei an",
        "NO_DATA": "die GO ist da, die Datei selbst nicht",
        "GAP": "sie folgt einer Datei, die nicht im Ordner ist",
        _SEQUENCES: "vor ihr fehlt Sequenz {first} bis {last}",
        "FORK": "sie folgt einer anderen als der vorigen Datei: zwei Reihen gehen auseinander",
        "TWICE": "ihre Sequenz hat schon eine andere Datei",
        "BEGINS": "die Reihe beginnt hier in diesem Ordner; was vorausgeht, ist nicht geprüft",
    },
    "nl": {
        "counts": "{files} bestand(en), {lines} reeks(en)",
        "whole": "Geen bestand ontbreekt of is gewijzigd.",
        "broken": "{n} vaststelling(en):",
        "ALTERED": "de inhoud is niet die welke zijn GO aankondigt: gewijzigd of beschadigd",
        "NO_GO": "zijn GO ontbreekt",
        "BAD_GO": "zijn GO is onleesbaar of kondigt een ander bestand aan",
        "NO_DATA": "de GO is er, het gegevensbestand niet",
        "GAP": "het volgt op een bestand dat niet in de map is",
        _SEQUENCES: "ervoor ontbreekt sequentie {first} tot {last}",
        "FORK": "het volgt op een ander bestand dan het vorige: twee reeksen lopen uiteen",
        "TWICE": "een ander bestand heeft al zijn sequentie",
        "BEGINS": "de reeks begint hier in deze map; wat voorafgaat is niet nagegaan",
    },
    "en": {
        "counts": "{files} file(s), {lines} line(s)",
        "whole": "No file is missing and none has changed.",
        "broken": "{n} thing(s) to look at:",
        "ALTERED": "its content is not what its GO announces: changed or damaged",
        "NO_GO": "its GO is missing",
        "BAD_GO": "its GO cannot be read, or announces another file",
        "NO_DATA": "its GO is there, but not the data file",
        "GAP": "it follows a file that is not in the folder",
        _SEQUENCES: "before it, sequence {first} to {last} is missing",
        "FORK": "it follows another file than the one before it: two lines diverge",
        "TWICE": "another file has its sequence already",
        "BEGINS": "the line begins here in this folder; what came before is not verified",
    },
}


def lines(verified: Verified, language: Language) -> Iterator[str]:
    """The counts, the verdict, then one line for each thing seen, by file."""
    words = _TEXTS[language]
    yield words["counts"].format(files=verified.files, lines=verified.lines)
    wrong = [remark for remark in verified.remarks if remark.what != "BEGINS"]
    yield words["broken"].format(n=len(wrong)) if wrong else words["whole"]
    for remark in verified.remarks:
        yield f"  {remark.file}  {_sentence(words, remark)}"


def _sentence(words: dict[What | str, str], remark: Remark) -> str:
    if remark.first is None:
        return words[remark.what]
    return words[_SEQUENCES].format(first=f"{remark.first:05d}", last=f"{remark.last:05d}")
