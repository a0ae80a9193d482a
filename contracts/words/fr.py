"""What findings say in French, to the clerks of the CPAS and of Le Forem."""

# what a code says, and how to mend it
SENTENCES: dict[str, tuple[str, str]] = {
    "F01": (
        "Le nom du fichier ne suit pas la règle de nommage.",
        "Renommez le fichier d'après le modèle de la page partenaire, puis renvoyez le fichier et son GO.",
    ),
    "F02": (
        "Le fichier GO manque ou n'est pas lisible.",
        "Déposez d'abord les données, ensuite le GO qui les décrit, sous le même numéro de séquence.",
    ),
    "F03": (
        "Le contenu n'est pas celui que le GO annonce (empreinte différente).",
        "Le fichier a été modifié ou coupé après la création du GO : refaites les deux et renvoyez-les.",
    ),
    "F04": (
        "Le nombre de lignes n'est pas celui que le GO annonce.",
        "Refaites l'exportation complète, puis le GO, et renvoyez les deux.",
    ),
    "F05": (
        "Ce numéro de séquence a déjà servi.",
        "Le fichier est traité. Augmentez la séquence de un à chaque envoi, sans la remettre à zéro.",
    ),
    "F06": (
        "Un ou plusieurs numéros de séquence manquent avant ce fichier.",
        "Le fichier est traité. Vérifiez qu'un envoi précédent n'est pas resté chez vous.",
    ),
    "F07": (
        "La version du contrat annoncée n'existe pas.",
        "Utilisez une version publiée sur la page du contrat, par exemple « orientations/1 ».",
    ),
    "F08": (
        "Le fichier n'est pas dans l'encodage déclaré.",
        "Enregistrez-le comme déclaré : souvent « CSV UTF-8 » dans Excel, « Unicode (UTF-8) » dans LibreOffice.",
    ),
    "F09": (
        "Le fichier n'est pas signé par vous : la signature manque dans le GO, ou n'est pas celle de ce GO.",
        "Signez le GO avec la clé dont la passerelle a la partie publique, en dernier, puis renvoyez FI et GO.",
    ),
    "F10": (
        "L'expéditeur est inconnu ou n'est pas le titulaire de cette boîte.",
        "Vérifiez les six chiffres de l'expéditeur dans le nom du fichier : 0 suivi du code INS.",
    ),
    "F11": (
        "Le fichier est destiné à un autre environnement (test ou réel).",
        "Mettez T (test) ou R (réel) dans le nom du fichier selon l'environnement où vous déposez.",
    ),
    "F12": (
        "L'expéditeur a retiré le fichier avant son traitement.",
        "Rien à faire. Pour l'envoyer tout de même, redéposez-le sous une nouvelle séquence.",
    ),
    "F13": (
        "L'en-tête n'est pas celui du contrat : une colonne manque, est inconnue ou n'est pas à sa place.",
        "Repartez du modèle CSV du contrat : mêmes noms de colonnes en première ligne, dans le même ordre.",
    ),
    "F14": (
        "Le fichier est trop grand : trop d'octets ou trop de lignes.",
        "Répartissez les lignes sur plusieurs fichiers, chacun avec son en-tête, son GO et sa séquence.",
    ),
    "F15": (
        "Ce CPAS relève de l'ADG (Communauté germanophone) et non du Forem.",
        "Adressez ce fichier à l'ADG.",
    ),
    "F16": (
        "Aucune base légale (convention ou décret) n'est ouverte à cette date.",
        "Faites signer la convention avant d'envoyer des données de personnes.",
    ),
    "F17": (
        "Ce flux n'existe pas, ou n'est pas de ceux que ce côté envoie.",
        "Vérifiez les quatre lettres du flux dans le nom du fichier.",
    ),
    "F18": (
        "Trop de lignes sont rejetées : le fichier entier est refusé.",
        "Corrigez d'abord le code le plus fréquent, souvent une seule colonne. Renvoyez ensuite tout le fichier.",
    ),
    "F19": (
        "Le fichier commence par une marque d'ordre des octets (BOM).",
        "Rien à faire : cette marque est ignorée.",
    ),
    "F20": (
        "Le fichier est en UTF-16.",
        "Dans Excel, enregistrez-le en « CSV UTF-8 » et non en « Texte Unicode ».",
    ),
    "F21": (
        "Le fichier contient un octet NUL.",
        "Refaites l'exportation depuis le logiciel d'origine : la copie est abîmée ou n'est pas un fichier de texte.",
    ),
    "F22": (
        "Le fichier contient un caractère Ctrl-Z (ancienne marque de fin de fichier).",
        "Ôtez ce caractère, souvent le dernier du fichier, ou faites adapter l'exportation du logiciel qui l'ajoute.",
    ),
    "F23": (
        "Les lignes finissent par un retour chariot seul (ancien format Macintosh).",
        "Dans Excel, enregistrez-le en « CSV UTF-8 » et non en « CSV (Macintosh) ».",
    ),
    "F24": (
        "Une colonne figure plusieurs fois dans l'en-tête.",
        "Gardez une seule colonne de chaque nom et supprimez l'autre (clic droit sur sa lettre > Supprimer).",
    ),
    "F25": (
        "Un guillemet n'est pas refermé, ou du texte suit un guillemet fermant.",
        "À la ligne signalée, doublez chaque guillemet à l'intérieur d'une cellule, ou ôtez-le.",
    ),
    "F26": (
        "L'en-tête est coupé et rien ne le suit.",
        "L'exportation a été interrompue : refaites-la jusqu'au bout.",
    ),
    "F27": (
        "La dernière ligne n'a pas de fin de ligne : le fichier est peut-être coupé.",
        "Le fichier est traité. Vérifiez que sa dernière ligne est entière.",
    ),
    "F28": (
        "Le fichier est vide.",
        "Vérifiez l'exportation : il faut au moins la ligne d'en-tête.",
    ),
    "F29": (
        "Le séparateur n'est pas celui qui est déclaré.",
        "LibreOffice : cochez « Éditer les paramètres du filtre ». Excel suit le « Séparateur de listes » de Windows.",
    ),
    "F30": (
        "Il n'y a pas de ligne d'en-tête.",
        "Mettez en première ligne les noms de colonnes du modèle, sans titre ni ligne vide au-dessus.",
    ),
    "F31": (
        "Une cellule, ou la ligne entière, est trop longue.",
        "Cherchez à partir de la ligne signalée un guillemet ouvert et jamais refermé, ou raccourcissez le texte.",
    ),
    "F32": (
        "Le fichier n'est pas du type déclaré (CSV ou classeur).",
        "Fichier > Enregistrer sous : choisissez le type déclaré pour votre boîte, ou faites changer la déclaration.",
    ),
    "F33": (
        "Le classeur ne peut pas être lu : abîmé, protégé par un mot de passe, ou autre chose qu'un .xlsx.",
        "Fichier > Enregistrer sous > Classeur Excel (.xlsx), sans mot de passe.",
    ),
    "F34": (
        "Le classeur a plusieurs feuilles qui ne sont pas vides.",
        "Ne gardez que la feuille des données ; supprimez les autres, même masquées (clic droit > Supprimer).",
    ),
    "F35": (
        "Le classeur contient bien plus que sa taille ne l'annonce.",
        "Copiez les seules données dans un nouveau classeur, sans image ni mise en forme, et enregistrez-le en .xlsx.",
    ),
    "F36": (
        "Ce flux n'est pas dans le plan d'actions du CPAS à la date de réception.",
        "Vérifiez le flux dans le nom du fichier, ou faites d'abord adapter le plan d'actions avec le Forem.",
    ),
    "F37": (
        "Le fichier dit suivre un fichier que le hub n'a jamais reçu.",
        "Les lignes sont lues. Vérifiez quel fichier de cette suite n'est pas parti, et envoyez-le.",
    ),
    "F38": (
        "Le fichier dit suivre un autre fichier que le précédent de sa suite : deux copies de votre suite divergent.",
        "Les lignes sont lues. Cherchez une sauvegarde restaurée ou deux postes qui envoient, et n'en gardez qu'un.",
    ),
    "F39": (
        "Cet export complet fermerait trop d'offres : il est lu comme partiel et n'en ferme aucune.",
        "Vérifiez que l'export est entier ; s'il est juste, prévenez la passerelle, puis envoyez le suivant.",
    ),
    "F40": (
        "L'accusé (AK) est illisible, ou parle d'un fichier qui n'a pas été remis dans cette boîte.",
        "Recopiez le nom et le SHA-256 du GO reçu ; le verdict est ACCEPTED ou REFUSED.",
    ),
    "F41": (
        "Le fichier n'est pas dans l'enveloppe convenue.",
        "Scellez-le comme convenu (HPKE, CMS, OpenPGP ou age), ou faites changer l'enveloppe avant d'envoyer.",
    ),
    "F42": (
        "Le fichier scellé ne s'ouvre pas : il est scellé pour un autre destinataire, ou abîmé.",
        "Scellez-le pour la clé publique actuelle de la passerelle, sous son nom exact, et renvoyez-le.",
    ),
    "F43": (
        "Le fichier est signé avec une clé qui n'est plus, ou pas encore, valable.",
        "Donnez votre nouvelle clé publique à la passerelle, puis signez le GO avec elle et renvoyez.",
    ),
    "R001": (
        "La ligne a trop peu de cellules.",
        "Laissez vide une cellule plutôt que l'omettre ; cherchez un retour à la ligne dans une cellule.",
    ),
    "R002": (
        "La ligne a trop de cellules.",
        "Le séparateur, souvent « ; », est sans doute dans une cellule : mettez ce texte entre guillemets ou ôtez-le.",
    ),
    "R101": (
        "Le NISS n'est pas un numéro possible.",
        "Recopiez les onze chiffres de la carte d'identité, sans points ni tirets.",
    ),
    "R102": (
        "Le NISS a dix chiffres : le zéro initial a été perdu.",
        "Mettez la colonne au format Texte avant de coller les numéros, puis remettez le 0 au début.",
    ),
    "R103": (
        "Ce NISS a été remplacé par un autre, d'après les registres.",
        "La ligne est gardée et trouve sa personne. Demandez le nouveau numéro au Registre national ou à la BCSS.",
    ),
    "R104": (
        "Ce NISS a été annulé par les registres, sans autre numéro à sa place.",
        "La ligne est gardée. Vérifiez l'identité de la personne auprès du Registre national ou de la BCSS.",
    ),
    "R105": (
        "Numéro de test dans l'environnement réel.",
        "Ôtez les personnes de test de l'exportation réelle.",
    ),
    "R106": (
        "Numéro qui peut être celui d'une vraie personne dans l'environnement de test.",
        "N'envoyez en test que des personnes inventées (numéro d'ordre 000 ou 999).",
    ),
    "R107": (
        "Ligne écrite avant que cette personne soit effacée.",
        "Effacez-la aussi chez vous. Si vous suivez encore la personne, écrivez une nouvelle ligne, datée du jour.",
    ),
    "R201": (
        "Le code INS n'est celui d'aucune commune.",
        "Utilisez le code INS à cinq chiffres, pas le code postal.",
    ),
    "R202": (
        "Le code INS n'est plus, ou pas encore, en usage à la date d'effet.",
        "La ligne est gardée. Adaptez votre logiciel au code INS d'après la fusion ou le recodage.",
    ),
    "R203": (
        "Cette commune relève de l'ADG et non du Forem.",
        "Ôtez la ligne et adressez-la à l'ADG.",
    ),
    "R204": (
        "Le numéro BCE (entreprise ou établissement) n'est pas un numéro possible.",
        "Recopiez les dix chiffres, zéro initial compris, sans points ni « BE ».",
    ),
    "R205": (
        "L'expéditeur ne peut pas écrire pour ce CPAS.",
        "Mettez le code INS de votre commune, ou celui d'une commune dont elle est issue.",
    ),
    "R206": (
        "Le numéro d'entreprise (BCE) a neuf chiffres : le zéro initial a été perdu.",
        "Clic droit sur la colonne > Format de cellule > Texte, puis retapez le 0 devant chaque numéro d'entreprise.",
    ),
    "R207": (
        "Dans un contrat article 60, l'employeur n'est pas le CPAS.",
        "Mettez le numéro BCE du CPAS comme employeur ; l'autre organisation va dans la colonne de l'utilisateur.",
    ),
    "R301": (
        "Le code n'est pas dans la liste, ou n'est pas admis à côté des autres codes de la ligne.",
        "Reprenez un code de la liste du contrat, tel quel (majuscules comprises).",
    ),
    "R302": (
        "Le code n'est pas valable à la date d'effet.",
        "Choisissez un code en vigueur à la date d'effet, ou corrigez cette date.",
    ),
    "R303": (
        "Deux dates de la ligne sont dans le mauvais ordre.",
        "Comparez la date signalée aux autres dates de la ligne ; jour et mois sont parfois inversés.",
    ),
    "R304": (
        "La date est dans le futur.",
        "Corrigez la date ; vérifiez aussi l'horloge du poste qui a fait l'exportation.",
    ),
    "R305": (
        "Une cellule obligatoire est vide, ou n'a pas ce qu'une autre cellule exige.",
        "Complétez la cellule signalée.",
    ),
    "R306": (
        "Le format n'est pas celui de la colonne.",
        "Comparez la cellule signalée avec l'exemple du modèle CSV : longueur, chiffres, lettres, signes.",
    ),
    "R307": (
        "Le tableur a mis le nombre en notation scientifique.",
        "Mettez la colonne au format Texte et recopiez les nombres de leur source : des chiffres sont perdus.",
    ),
    "R308": (
        "Le tableur a ajouté « .0 » à la fin du nombre.",
        "Mettez la colonne au format Texte, ôtez le « .0 » de chaque cellule et réenregistrez le fichier.",
    ),
    "R309": (
        "Un numéro de jour du tableur se trouve à la place d'une date.",
        "Format de cellule > Personnalisée : aaaa-mm-jj, puis réenregistrez en CSV.",
    ),
    "R310": (
        "VRAI ou FAUX se trouve à la place de 1 ou 0.",
        "Rechercher et remplacer (Ctrl+H) : VRAI par 1, FAUX par 0.",
    ),
    "R311": (
        "La date n'a pas la forme déclarée.",
        "Écrivez AAAA-MM-JJ (Format de cellule > Personnalisée), ou faites déclarer JJ/MM/AAAA pour votre boîte.",
    ),
    "R312": (
        "Le nombre a une virgule décimale.",
        "Mettez la colonne au format Texte, puis remplacez (Ctrl+H) la virgule par un point : 19.5.",
    ),
    "R313": (
        "La cellule contient une erreur du tableur (#N/A, #REF!).",
        "Corrigez la formule, ou collez la valeur à sa place (Collage spécial > Valeurs).",
    ),
    "R314": (
        "Le nombre est hors des limites.",
        "Comparez-le avec le minimum et le maximum indiqués sur la page du contrat.",
    ),
    "R315": (
        "La cellule doit rester vide à côté des autres cellules de la ligne.",
        "Videz la cellule signalée, ou corrigez la cellule qui l'interdit.",
    ),
    "R401": (
        "Le statut ne fait pas suite au précédent.",
        "Vérifiez le parcours ; envoyez une correction s'il le faut.",
    ),
    "R402": (
        "Une version plus récente est déjà connue : celle-ci ne change rien.",
        "Rien à faire si l'ordre d'envoi est normal ; sinon augmentez la version.",
    ),
    "R403": (
        "Deux contenus différents ont été envoyés sous la même version.",
        "Renvoyez le bon contenu sous une version plus élevée.",
    ),
    "R404": (
        "L'orientation n'est pas connue de la passerelle.",
        "Vérifiez la référence ; si elle est juste, l'orientation arrivera peut-être plus tard.",
    ),
    "R406": (
        "Il manque une version de cette référence.",
        "Envoyez la ligne dont le numéro de version manque ; si elle n'a jamais existé, rien n'est à faire.",
    ),
    "R501": (
        "La date de naissance ne correspond pas au NISS.",
        "Comparez les deux avec la carte d'identité ; le NISS est peut-être celui d'un proche.",
    ),
    "R502": (
        "Deux contrats à temps plein d'une même personne se chevauchent.",
        "Les lignes sont gardées. Vérifiez le début et la fin des deux contrats.",
    ),
    "R503": (
        "L'orientation appartient à une autre personne.",
        "Vérifiez que la référence et le NISS sont ceux de la même personne.",
    ),
    "R504": (
        "La personne suit une formation pendant un contrat article 60 à temps plein.",
        "Vérifiez entre vous les dates du contrat et de la formation ; corrigez celles qui ne sont pas justes.",
    ),
    "R505": (
        "Le droit de la personne a pris fin alors que son orientation est suspendue.",
        "Le Forem clôt l'orientation ou la reprend ; le CPAS corrige la fin du droit si elle n'est pas juste.",
    ),
    "R506": (
        "Le délai d'inscription au Forem est passé.",
        "Vérifiez l'inscription avec la personne ; corrigez une date d'octroi fausse ou une dispense qui manque.",
    ),
    "R507": (
        "La réponse est donnée après la date limite de l'événement.",
        "Demandez au Forem si une place reste libre ; corrigez la date de la réponse si elle n'est pas juste.",
    ),
    "R508": (
        "Le CPAS a confirmé plus de personnes que son nombre de places.",
        "Retirez une confirmation, ou demandez des places au Forem.",
    ),
    "R509": (
        "L'événement auquel le CPAS répond est annulé, inconnu, ou n'est pas pour ces personnes.",
        "Vérifiez la référence de l'événement ; s'il est annulé, prévenez la personne.",
    ),
    "R601": (
        "Un NISS se trouve dans une colonne qui ne doit désigner personne.",
        "Le NISS ne va que dans la colonne prévue pour lui ; ici, un code ou une référence qui n'en contient pas.",
    ),
}

_DELIMITERS = {
    "a comma": "une virgule",
    "a semicolon": "un point-virgule",
    "a tabulation": "une tabulation",
    "a vertical bar": "une barre verticale",
}
_FILE = {
    r"the declared encoding is unknown": "l'encodage déclaré est inconnu",
    r"a byte that is not ([\w-]+)": r"un octet qui n'est pas de l'encodage \1",
    r"a NUL byte": "un octet NUL",
    r"a Ctrl-Z byte": "un octet Ctrl-Z",
    r"lines end with CR alone": "les lignes finissent par CR seul",
    r"a workbook or an archive, a CSV file expected": "un classeur ou une archive, un fichier CSV attendu",
    r"a text file, a workbook expected": "un fichier de texte, un classeur attendu",
    r"not an xlsx workbook": "autre chose qu'un classeur xlsx",
    r"a workbook with a password, or of an old kind": "un classeur avec un mot de passe, ou d'un ancien type",
    r"a damaged workbook": "un classeur abîmé",
    r"(\d+) sheets with content, 1 expected": r"\1 feuilles non vides, 1 attendue",
    r"an archive of more than (\d+) files": r"une archive de plus de \1 fichiers",
    r"an archive that unpacks to more than (\d+) bytes": r"une archive qui se décompresse en plus de \1 octets",
    r"an archive that unpacks to more than (\d+) times its size": (
        r"une archive qui se décompresse en plus de \1 fois sa taille"
    ),
    r"a quote that is not closed, or text after a closing quote": (
        "un guillemet non refermé, ou du texte après un guillemet fermant"
    ),
    r"a cell of more than (\d+) characters over several lines: a quote that is not closed": (
        r"une cellule de plus de \1 caractères sur plusieurs lignes : un guillemet non refermé"
    ),
    r"a cell of more than (\d+) characters": r"une cellule de plus de \1 caractères",
    r"a sheet of more than (\d+) rows or (\d+) cells": r"une feuille de plus de \1 lignes ou \2 cellules",
    r"a workbook of more than (\d+) tags": r"un classeur de plus de \1 balises",
    r"a line of another width, (\d+) characters expected": r"une ligne d'une autre largeur, \1 caractères attendus",
    r"a row of more than (\d+) characters": r"une ligne de plus de \1 caractères",
    r"more than (\d+) bytes": r"plus de \1 octets",
    r"more than (\d+) rows": r"plus de \1 lignes",
    r"a header of 1 cells?, (\d+) expected, and nothing below it": (
        r"un en-tête de 1 cellule, \1 attendues, et rien au-dessous"
    ),
    r"a header of (\d+) cells, (\d+) expected, and nothing below it": (
        r"un en-tête de \1 cellules, \2 attendues, et rien au-dessous"
    ),
    r"no header row: no cell is a column of the contract": (
        "pas de ligne d'en-tête : aucune cellule n'est une colonne du contrat"
    ),
    r"columns in another order": "colonnes dans un autre ordre",
    r"missing:": "colonnes manquantes :",
    r"more than once:": "colonnes en double :",
    r"unknown in position:": "colonnes inconnues en position :",
    **{f"the delimiter is {name}": f"le séparateur est {nom}" for name, nom in _DELIMITERS.items()},
    **{f"{name} is expected": f"il faut {nom}" for name, nom in _DELIMITERS.items()},
    r"another character is expected": "il faut un autre caractère",
}
_FEMININE = {
    r"a date YYYY-MM-DD": "une date AAAA-MM-JJ",
    r"an address https://": "une adresse https://",
    r"an e-mail address": "une adresse électronique",
}
_FEMININE_PLURAL = {
    r"languages joined by \|": "des langues séparées par |",
    r"references joined by \|": "des références séparées par |",
}
_PLURAL = {
    r"\+ and 7 to 15 digits": "+ et 7 à 15 chiffres",
    r"(\d+) to (\d+) letters, digits or dashes": r"\1 à \2 lettres, chiffres ou tirets",
    r"(\d+) to (\d+) digits": r"\1 à \2 chiffres",
    r"3 digits, or 3 and 2 with a point": "3 chiffres, ou 3 et 2 séparés d'un point",
    r"(\d+) hexadecimal digits": r"\1 chiffres hexadécimaux",
    r"R, 5 digits, -, year, -, 6 digits": "R, 5 chiffres, -, année, -, 6 chiffres",
    r"a letter A to N and 4 or 6 digits": "une lettre de A à N et 4 ou 6 chiffres",
    r"at most (\d+) capitals, digits, colons or dashes": r"au plus \1 majuscules, chiffres, deux-points ou tirets",
    r"capitals, digits and underscores": "majuscules, chiffres et tirets bas",
    r"at most (\d+) capitals, digits or dashes": r"au plus \1 majuscules, chiffres ou tirets",
    r"at most (\d+) capitals, digits or _": r"au plus \1 majuscules, chiffres ou _",
    r"at most (\d+) capitals, digits, spaces or dashes": r"au plus \1 majuscules, chiffres, espaces ou tirets",
    r"at most (\d+) characters: letters, digits and common signs": (
        r"au plus \1 caractères : lettres, chiffres et signes courants"
    ),
    r"at most (\d+) characters": r"au plus \1 caractères",
    r"at most (\d+) letters or digits": r"au plus \1 lettres ou chiffres",
    r"(NACE|NUTS) codes joined by \|": r"des codes \1 séparés par |",
    r"NIS codes joined by \|": "des codes INS séparés par |",
    r"codes of the list, joined by \|": "des codes de la liste, séparés par |",
    r"language:level, joined by \|": "langue:niveau, séparés par |",
    r"occupations joined by \|": "des métiers séparés par |",
    r"postal codes joined by \|": "des codes postaux séparés par |",
    r"(\d+) digits": r"\1 chiffres",
}
_SINGULAR = {
    r"1 or 0": "1 ou 0",
    r"a code of the list": "un code de la liste",
    r"a line number": "un numéro de ligne",
    r"a number such as 19\.5": "un nombre tel que 19.5",
    r"a sealed text c1": "un texte scellé c1",
    r"a text without line breaks": "un texte sans retour à la ligne",
    r"a timestamp YYYY-MM-DDThh:mm:ss\+hh:mm": "un instant AAAA-MM-JJThh:mm:ss+hh:mm",
    r"a token w1": "un jeton w1",
    r"a whole number from 1": "un nombre entier à partir de 1",
    r"a whole number": "un nombre entier",
    r"not a possible value": "valeur impossible",
    r"1 cells?, (\d+) expected": r"1 cellule, \1 attendues",
    r"(\d+) cells, (\d+) expected": r"\1 cellules, \2 attendues",
    r"1 digit": "1 chiffre",
    r"1 letter": "1 lettre",
    r"(\d+) letters": r"\1 lettres",
    r"1 other": "1 autre caractère",
    r"(\d+) others": r"\1 autres caractères",
    r"empty": "vide",
    r"expected": "attendu",
}


def _agreed(phrases: dict[str, str], ending: str) -> dict[str, str]:
    """Gives the phrases, and before them the same ones as what is expected."""
    return {f"{phrase} expected": f"{text} {ending}" for phrase, text in phrases.items()} | phrases


# phrases of shapes: regular expression -> replacement; where two begin alike, the longer one comes first
PHRASES: dict[str, str] = {
    **_FILE,
    **_agreed(_FEMININE, "attendue"),
    **_agreed(_FEMININE_PLURAL, "attendues"),
    **_agreed(_PLURAL, "attendus"),
    **_SINGULAR,
}
