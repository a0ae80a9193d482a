"""The catalogue of finding codes: what each says, how grave it is, and how a spreadsheet user mends it.

Only codes that the hub can produce are here. A finding carries the shape of a value (`10 digits, 11 digits
expected`), never the value. Who produces a code is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["ERROR", "WARNING", "INFO"]
Level = Literal["file", "row"]


@dataclass(frozen=True, slots=True)
class Code:
    """One entry: an ERROR refuses the file or the row, a WARNING keeps it, an INFO asks for nothing."""

    code: str
    level: Level
    severity: Severity
    en: str
    fr: str
    mend_fr: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found on one row: where, which code, and the shape of what was read."""

    line: int
    column: str | None
    code: str
    severity: Severity
    shape: str


# fmt: off
_FILE = (
    Code("F01", "file", "ERROR", "The file name does not follow the grammar.",
         "Le nom du fichier ne suit pas la règle de nommage.",
         "Renommez le fichier d'après le modèle de la page partenaire, puis renvoyez le fichier et son GO."),
    Code("F02", "file", "ERROR", "The GO is missing or cannot be read.",
         "Le fichier GO manque ou n'est pas lisible.",
         "Déposez d'abord les données, ensuite le GO qui les décrit, sous le même numéro de séquence."),
    Code("F03", "file", "ERROR", "The content is not the one announced by the GO (hash).",
         "Le contenu n'est pas celui que le GO annonce (empreinte différente).",
         "Le fichier a été modifié ou coupé après la création du GO : refaites les deux et renvoyez-les."),
    Code("F04", "file", "ERROR", "The number of rows is not the one announced by the GO.",
         "Le nombre de lignes n'est pas celui que le GO annonce.",
         "Refaites l'exportation complète, puis le GO, et renvoyez les deux."),
    Code("F05", "file", "WARNING", "This sequence number was used before.",
         "Ce numéro de séquence a déjà servi.",
         "Le fichier est traité. Augmentez la séquence de un à chaque envoi, sans la remettre à zéro."),
    Code("F06", "file", "WARNING", "One or more sequence numbers are missing before this file.",
         "Un ou plusieurs numéros de séquence manquent avant ce fichier.",
         "Le fichier est traité. Vérifiez qu'un envoi précédent n'est pas resté chez vous."),
    Code("F07", "file", "ERROR", "This version of the contract is unknown.",
         "La version du contrat annoncée n'existe pas.",
         "Utilisez une version publiée sur la page du contrat, par exemple « orientations/1 »."),
    Code("F08", "file", "ERROR", "The file is not in the declared encoding.",
         "Le fichier n'est pas dans l'encodage déclaré.",
         "Enregistrez-le dans l'encodage déclaré (souvent « CSV UTF-8 »)."),
    Code("F10", "file", "ERROR", "The sender is unknown or is not the owner of this mailbox.",
         "L'expéditeur est inconnu ou n'est pas le titulaire de cette boîte.",
         "Vérifiez les six chiffres de l'expéditeur dans le nom du fichier : 0 suivi du code INS."),
    Code("F11", "file", "ERROR", "The file belongs to another environment (test or real).",
         "Le fichier est destiné à un autre environnement (test ou réel).",
         "Mettez T (test) ou R (réel) dans le nom du fichier selon l'environnement où vous déposez."),
    Code("F12", "file", "INFO", "The sender withdrew the file before it was processed.",
         "L'expéditeur a retiré le fichier avant son traitement.",
         "Rien à faire. Pour l'envoyer tout de même, redéposez-le sous une nouvelle séquence."),
    Code("F13", "file", "ERROR",
         "The structure cannot be read: header or columns are not those of the contract.",
         "La structure est illisible : l'en-tête ou les colonnes ne sont pas ceux du contrat.",
         "Repartez du modèle CSV : mêmes colonnes dans l'ordre, séparateur « ; », guillemets refermés."),
    Code("F14", "file", "ERROR", "The content is empty or too large to be read.",
         "Le contenu est vide ou trop grand pour être lu.",
         "Vérifiez l'exportation : il faut au moins la ligne d'en-tête. Découpez un fichier trop grand."),
    Code("F15", "file", "ERROR", "This CPAS is served by the ADG, not by Le Forem.",
         "Ce CPAS relève de l'ADG (Communauté germanophone) et non du Forem.",
         "Adressez ces orientations à l'ADG."),
    Code("F16", "file", "ERROR", "There is no open legal basis (convention or decree) on this date.",
         "Aucune base légale (convention ou décret) n'est ouverte à cette date.",
         "Faites signer la convention avant d'envoyer des données de personnes."),
    Code("F17", "file", "ERROR", "This feed is not in a contract or not in the sender's plan.",
         "Ce flux n'existe pas, ou n'est pas dans le plan d'actions de l'expéditeur.",
         "Vérifiez le flux dans le nom du fichier, ou faites adapter le plan d'actions."),
)
_ROW = (
    Code("R001", "row", "ERROR", "The row has too few cells.", "La ligne a trop peu de cellules.",
         "Laissez vide une cellule plutôt que l'omettre ; cherchez un retour à la ligne dans une cellule."),
    Code("R002", "row", "ERROR", "The row has too many cells.", "La ligne a trop de cellules.",
         "Un « ; » se trouve sans doute dans une cellule : mettez ce texte entre guillemets ou ôtez-le."),
    Code("R101", "row", "ERROR", "The NISS is not a possible number.",
         "Le NISS n'est pas un numéro possible.",
         "Recopiez les onze chiffres de la carte d'identité, sans points ni tirets."),
    Code("R102", "row", "ERROR", "The NISS has ten digits: its leading zero was lost.",
         "Le NISS a dix chiffres : le zéro initial a été perdu.",
         "Mettez la colonne en format Texte avant de coller les numéros, puis remettez le 0 au début."),
    Code("R105", "row", "ERROR", "A test number in the real environment.",
         "Numéro de test dans l'environnement réel.", "Ôtez les personnes de test de l'exportation réelle."),
    Code("R106", "row", "ERROR", "A number that may be a real person's in the test environment.",
         "Numéro qui peut être celui d'une vraie personne dans l'environnement de test.",
         "N'envoyez en test que des personnes inventées (numéro d'ordre 000 ou 999)."),
    Code("R201", "row", "ERROR", "The NIS code is not that of a commune.",
         "Le code INS n'est celui d'aucune commune.",
         "Utilisez le code INS à cinq chiffres, pas le code postal."),
    Code("R202", "row", "WARNING", "The NIS code was no longer, or not yet, in use on the effective date.",
         "Le code INS n'est plus, ou pas encore, en usage à la date d'effet.",
         "La ligne est gardée. Adaptez votre logiciel au code INS d'après la fusion ou le recodage."),
    Code("R203", "row", "ERROR", "This commune is served by the ADG, not by Le Forem.",
         "Cette commune relève de l'ADG et non du Forem.", "Adressez cette orientation à l'ADG."),
    Code("R204", "row", "ERROR", "The enterprise number (BCE) is not a possible number.",
         "Le numéro d'entreprise (BCE) n'est pas un numéro possible.",
         "Recopiez les dix chiffres, zéro initial compris, sans points ni « BE »."),
    Code("R205", "row", "ERROR", "The sender may not write for this CPAS.",
         "L'expéditeur ne peut pas écrire pour ce CPAS.",
         "Mettez le code INS de votre commune, ou celui d'une commune dont elle est issue."),
    Code("R301", "row", "ERROR",
         "The code is not in the list, or not allowed beside the other codes of the row.",
         "Le code n'est pas dans la liste, ou n'est pas admis à côté des autres codes de la ligne.",
         "Reprenez un code de la liste du contrat, tel quel (majuscules comprises)."),
    Code("R302", "row", "ERROR", "The code was not valid on the effective date.",
         "Le code n'est pas valable à la date d'effet.",
         "Choisissez un code en vigueur à la date d'effet, ou corrigez cette date."),
    Code("R303", "row", "ERROR", "Two dates of the row are in the wrong order.",
         "Deux dates de la ligne sont dans le mauvais ordre.",
         "Comparez la date signalée aux autres dates de la ligne ; jour et mois sont parfois inversés."),
    Code("R304", "row", "ERROR", "The date is in the future.", "La date est dans le futur.",
         "Corrigez la date ; vérifiez aussi l'horloge du poste qui a fait l'exportation."),
    Code("R305", "row", "ERROR", "A required cell is empty, or lacks what another cell demands.",
         "Une cellule obligatoire est vide, ou n'a pas ce qu'une autre cellule exige.",
         "Complétez la cellule signalée."),
    Code("R306", "row", "ERROR", "The format is not that of the column.",
         "Le format n'est pas celui de la colonne.",
         "Comparez avec l'exemple du modèle : dates AAAA-MM-JJ, nombres sans « .0 », textes assez courts."),
    Code("R401", "row", "WARNING", "The status does not follow from the previous one.",
         "Le statut ne fait pas suite au précédent.",
         "Vérifiez le parcours ; envoyez une correction s'il le faut."),
    Code("R402", "row", "WARNING", "A higher version is already known: this one changes nothing.",
         "Une version plus récente est déjà connue : celle-ci ne change rien.",
         "Rien à faire si l'ordre d'envoi est normal ; sinon augmentez la version."),
    Code("R403", "row", "WARNING", "Two contents were sent under one version.",
         "Deux contenus différents ont été envoyés sous la même version.",
         "Renvoyez le bon contenu sous une version plus élevée."),
    Code("R404", "row", "WARNING", "The referral is not known to the hub.",
         "L'orientation n'est pas connue de la passerelle.",
         "Vérifiez la référence ; si elle est juste, l'orientation arrivera peut-être plus tard."),
    Code("R501", "row", "ERROR", "The birth date does not agree with the NISS.",
         "La date de naissance ne correspond pas au NISS.",
         "Comparez les deux avec la carte d'identité ; le NISS est peut-être celui d'un proche."),
    Code("R503", "row", "WARNING", "The referral belongs to another person.",
         "L'orientation appartient à une autre personne.",
         "Vérifiez que la référence et le NISS sont ceux de la même personne."),
    Code("R601", "row", "ERROR", "A NISS stands in a column that must not name anybody.",
         "Un NISS se trouve dans une colonne qui ne doit désigner personne.",
         "Mettez le NISS dans la colonne « niss » seulement ; ici, un code ou une référence qui n'en contient pas."),
)
# fmt: on

CATALOGUE: Mapping[str, Code] = {entry.code: entry for entry in (*_FILE, *_ROW)}
