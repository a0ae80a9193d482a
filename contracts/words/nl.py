"""What findings say in Dutch, to the communes with language facilities; CPAS is OCMW there, BCE is KBO."""

# what a code says, and how to mend it
SENTENCES: dict[str, tuple[str, str]] = {
    "F01": (
        "De bestandsnaam volgt de naamregel niet.",
        "Hernoem het bestand naar het model op de partnerpagina en stuur het opnieuw met zijn GO-bestand.",
    ),
    "F02": (
        "Het GO-bestand ontbreekt of is niet leesbaar.",
        "Plaats eerst de gegevens, daarna het GO-bestand dat ze beschrijft, met hetzelfde volgnummer.",
    ),
    "F03": (
        "De inhoud is niet die welke het GO-bestand aankondigt (andere hash).",
        "Het bestand is na het GO-bestand gewijzigd of afgebroken: maak beide opnieuw en stuur ze samen.",
    ),
    "F04": (
        "Het aantal rijen is niet dat wat het GO-bestand aankondigt.",
        "Maak de volledige export opnieuw, daarna het GO-bestand, en stuur beide.",
    ),
    "F05": (
        "Dit volgnummer is al gebruikt.",
        "Het bestand wordt verwerkt. Verhoog het volgnummer met één bij elke zending, zonder terug naar nul te gaan.",
    ),
    "F06": (
        "Voor dit bestand ontbreken een of meer volgnummers.",
        "Het bestand wordt verwerkt. Ga na of een vorige zending bij u is blijven liggen.",
    ),
    "F07": (
        "De aangekondigde versie van het contract bestaat niet.",
        "Gebruik een versie die op de pagina van het contract staat, bijvoorbeeld “orientations/1”.",
    ),
    "F08": (
        "Het bestand heeft niet de opgegeven tekencodering.",
        "Sla het op in de opgegeven codering: meestal “CSV UTF-8” in Excel, “Unicode (UTF-8)” in LibreOffice.",
    ),
    "F09": (
        "Het bestand is niet door u ondertekend: de GO heeft geen handtekening, of niet die van deze GO.",
        "Onderteken de GO als laatste met de sleutel waarvan de hub het publieke deel heeft, en stuur beide opnieuw.",
    ),
    "F10": (
        "De afzender is onbekend of is niet de houder van deze postbus.",
        "Controleer de zes cijfers van de afzender in de bestandsnaam: 0 gevolgd door de NIS-code.",
    ),
    "F11": (
        "Het bestand is voor een andere omgeving bestemd (test of echt).",
        "Zet T (test) of R (echt) in de bestandsnaam volgens de omgeving waar u het plaatst.",
    ),
    "F12": (
        "De afzender heeft het bestand voor de verwerking ingetrokken.",
        "Niets te doen. Wilt u het toch sturen, plaats het dan opnieuw met een nieuw volgnummer.",
    ),
    "F13": (
        "De kopregel is niet die van het contract: een kolom ontbreekt, is onbekend of staat op de verkeerde plaats.",
        "Vertrek van het CSV-model van het contract: dezelfde kolomnamen op de eerste rij, in dezelfde volgorde.",
    ),
    "F14": (
        "Het bestand is te groot: te veel bytes of te veel rijen.",
        "Verdeel de rijen over meerdere bestanden, elk met zijn kopregel, zijn GO-bestand en zijn volgnummer.",
    ),
    "F15": (
        "Dit OCMW valt onder ADG (Duitstalige Gemeenschap) en niet onder Forem.",
        "Richt dit bestand aan ADG.",
    ),
    "F16": (
        "Op deze datum is er geen rechtsgrond (overeenkomst of decreet).",
        "Laat de overeenkomst ondertekenen voor u gegevens van personen stuurt.",
    ),
    "F17": (
        "Deze gegevensstroom bestaat niet of wordt niet door deze kant verzonden.",
        "Controleer de vier letters van de gegevensstroom in de bestandsnaam.",
    ),
    "F18": (
        "Te veel rijen zijn afgekeurd: het hele bestand wordt geweigerd.",
        "Verbeter eerst de code die het vaakst voorkomt: vaak is het één kolom. Stuur dan het hele bestand opnieuw.",
    ),
    "F19": (
        "Het bestand begint met een bytevolgordemarkering (BOM).",
        "Niets te doen: deze markering wordt overgeslagen.",
    ),
    "F20": (
        "Het bestand is in UTF-16.",
        "Sla het in Excel op als “CSV UTF-8”, niet als “Unicode-tekst”.",
    ),
    "F21": (
        "Het bestand bevat een NUL-byte.",
        "Exporteer opnieuw uit het oorspronkelijke programma: de kopie is beschadigd of geen tekstbestand.",
    ),
    "F22": (
        "Het bestand bevat een teken Ctrl-Z (oude markering van het bestandseinde).",
        "Verwijder dit teken, meestal het laatste van het bestand, of laat de export aanpassen die het toevoegt.",
    ),
    "F23": (
        "De regels eindigen alleen met een regelterugloop (oud Macintosh-formaat).",
        "Sla het in Excel op als “CSV UTF-8”, niet als “CSV (Macintosh)”.",
    ),
    "F24": (
        "Een kolom staat meer dan eens in de kopregel.",
        "Houd één kolom van elke naam en verwijder de andere (rechtsklik op de kolomletter > Verwijderen).",
    ),
    "F25": (
        "Een aanhalingsteken is niet gesloten, of er volgt tekst na een sluitend aanhalingsteken.",
        "Verdubbel op de genoemde regel elk aanhalingsteken binnen een cel, of verwijder het.",
    ),
    "F26": (
        "De kopregel is afgebroken en er volgt niets meer.",
        "De export werd onderbroken: maak hem opnieuw, tot het einde.",
    ),
    "F27": (
        "De laatste regel heeft geen regeleinde: het bestand is misschien afgebroken.",
        "Het bestand wordt verwerkt. Ga na of de laatste regel volledig is.",
    ),
    "F28": (
        "Het bestand is leeg.",
        "Controleer de export: minstens de kopregel is nodig.",
    ),
    "F29": (
        "Het scheidingsteken is niet het opgegeven teken.",
        "LibreOffice: vink “Filterinstellingen bewerken” aan. Excel volgt het “Lijstscheidingsteken” van Windows.",
    ),
    "F30": (
        "Er is geen kopregel.",
        "Zet de kolomnamen van het model op de eerste rij, zonder titel of lege rij erboven.",
    ),
    "F31": (
        "Een cel of de hele rij is te lang.",
        "Zoek vanaf de genoemde regel een aanhalingsteken dat nooit gesloten wordt, of kort de tekst in.",
    ),
    "F32": (
        "Het bestand is niet van de opgegeven soort (CSV of werkmap).",
        "Bestand > Opslaan als: kies de soort die voor uw postbus is opgegeven, of laat die opgave wijzigen.",
    ),
    "F33": (
        "De werkmap is niet leesbaar: beschadigd, met een wachtwoord beveiligd of geen .xlsx.",
        "Bestand > Opslaan als > Excel-werkmap (.xlsx), zonder wachtwoord.",
    ),
    "F34": (
        "De werkmap heeft meerdere bladen die niet leeg zijn.",
        "Houd het blad met de gegevens; verwijder de andere, ook verborgen (rechtsklik op de tab > Verwijderen).",
    ),
    "F35": (
        "De werkmap bevat veel meer dan haar grootte doet vermoeden.",
        "Kopieer alleen de gegevens naar een nieuwe werkmap, zonder beelden of opmaak, en sla ze op als .xlsx.",
    ),
    "F36": (
        "Deze gegevensstroom staat op de dag van ontvangst niet in het actieplan van het OCMW.",
        "Controleer de stroom in de bestandsnaam, of laat eerst het actieplan met Le Forem aanpassen.",
    ),
    "F37": (
        "Het bestand zegt te volgen op een bestand dat de hub nooit heeft ontvangen.",
        "De rijen worden gelezen. Zoek welk bestand van deze reeks niet verzonden is, en verzend het.",
    ),
    "F38": (
        "Het bestand volgt op een ander dan het vorige van zijn reeks: twee kopieën van uw reeks lopen uiteen.",
        "De rijen worden gelezen. Zoek een teruggezette back-up of twee computers die verzenden, en houd er één.",
    ),
    "F39": (
        "Deze volledige export zou te veel vacatures sluiten: hij geldt als deelexport en sluit er geen.",
        "Kijk na of de export volledig is; klopt hij, verwittig dan de hub en stuur de volgende.",
    ),
    "F40": (
        "De ontvangstmelding (AK) is onleesbaar, of gaat over een bestand dat niet in deze brievenbus is bezorgd.",
        "Neem de naam en de SHA-256 over uit de ontvangen GO; het verdict is ACCEPTED of REFUSED.",
    ),
    "F41": (
        "Het bestand zit niet in de afgesproken envelop.",
        "Verzegel het zoals afgesproken (HPKE, CMS, OpenPGP of age), of laat de envelop eerst wijzigen.",
    ),
    "F42": (
        "Het verzegelde bestand gaat niet open: het is voor een andere ontvanger verzegeld, of beschadigd.",
        "Verzegel het voor de huidige publieke sleutel van de hub, onder de juiste naam, en stuur het opnieuw.",
    ),
    "F43": (
        "Het bestand is ondertekend met een sleutel die niet meer, of nog niet, geldig is.",
        "Geef de hub uw nieuwe publieke sleutel, onderteken de GO daarmee en stuur opnieuw.",
    ),
    "R001": (
        "De rij heeft te weinig cellen.",
        "Laat een cel leeg in plaats van ze weg te laten; zoek een regeleinde binnen een cel.",
    ),
    "R002": (
        "De rij heeft te veel cellen.",
        "Het scheidingsteken, meestal “;”, staat wellicht in een cel: zet die tekst tussen aanhalingstekens.",
    ),
    "R101": (
        "Het INSZ (NISS) is geen mogelijk nummer.",
        "Neem de elf cijfers van de identiteitskaart over, zonder punten of streepjes.",
    ),
    "R102": (
        "Het INSZ (NISS) heeft tien cijfers: de voorloopnul is verloren.",
        "Geef de kolom de notatie Tekst voor u de nummers plakt, en zet de 0 er weer voor.",
    ),
    "R103": (
        "Dit INSZ (NISS) is volgens de registers door een ander vervangen.",
        "De regel blijft en vindt de persoon. Vraag het nieuwe nummer aan het Rijksregister of de KSZ.",
    ),
    "R104": (
        "Dit INSZ (NISS) is door de registers geannuleerd, zonder een ander in de plaats.",
        "De regel blijft. Controleer de identiteit van de persoon bij het Rijksregister of de KSZ.",
    ),
    "R105": (
        "Een testnummer in de echte omgeving.",
        "Haal de testpersonen uit de echte export.",
    ),
    "R106": (
        "Een nummer in de testomgeving dat van een echte persoon kan zijn.",
        "Stuur in de test alleen verzonnen personen (volgnummer van de dag 000 of 999).",
    ),
    "R107": (
        "Een rij die geschreven is voordat deze persoon werd gewist.",
        "Wis ze ook bij u. Volgt u de persoon nog, schrijf dan een nieuwe rij met de datum van vandaag.",
    ),
    "R201": (
        "De NIS-code is niet die van een gemeente.",
        "Gebruik de NIS-code van vijf cijfers, niet de postcode.",
    ),
    "R202": (
        "De NIS-code is op de ingangsdatum niet meer, of nog niet, in gebruik.",
        "De rij wordt behouden. Pas uw programma aan de NIS-code van na de fusie of hercodering aan.",
    ),
    "R203": (
        "Deze gemeente valt onder ADG en niet onder Forem.",
        "Haal de rij weg en richt ze aan ADG.",
    ),
    "R204": (
        "Het KBO-nummer (onderneming of vestiging) is geen mogelijk nummer.",
        "Neem de tien cijfers over, met de voorloopnul, zonder punten of “BE”.",
    ),
    "R205": (
        "De afzender mag niet voor dit OCMW schrijven.",
        "Zet de NIS-code van uw gemeente, of die van een gemeente waaruit ze is ontstaan.",
    ),
    "R206": (
        "Het ondernemingsnummer (KBO) heeft negen cijfers: de voorloopnul is verloren.",
        "Rechtsklik op de kolom > Celeigenschappen > Tekst, en typ de 0 weer voor elk ondernemingsnummer.",
    ),
    "R207": (
        "In een contract artikel 60 is de werkgever niet het OCMW.",
        "Zet het KBO-nummer van het OCMW als werkgever; de andere organisatie hoort in de kolom van de gebruiker.",
    ),
    "R301": (
        "De code staat niet in de lijst, of is niet toegelaten naast de andere codes van de rij.",
        "Neem een code uit de lijst van het contract, precies zo geschreven (ook de hoofdletters).",
    ),
    "R302": (
        "De code geldt niet op de ingangsdatum.",
        "Kies een code die op de ingangsdatum geldt, of verbeter die datum.",
    ),
    "R303": (
        "Twee datums van de rij staan in de verkeerde volgorde.",
        "Vergelijk de genoemde datum met de andere datums van de rij; soms zijn dag en maand verwisseld.",
    ),
    "R304": (
        "De datum ligt in de toekomst.",
        "Verbeter de datum; controleer ook de klok van de computer die de export maakte.",
    ),
    "R305": (
        "Een verplichte cel is leeg, of mist wat een andere cel vereist.",
        "Vul de genoemde cel in.",
    ),
    "R306": (
        "Het formaat is niet dat van de kolom.",
        "Vergelijk de genoemde cel met het voorbeeld van het CSV-model: lengte, cijfers, letters, tekens.",
    ),
    "R307": (
        "Het rekenblad heeft het getal in wetenschappelijke notatie gezet.",
        "Geef de kolom de notatie Tekst en neem de getallen opnieuw over: hun laatste cijfers zijn verloren.",
    ),
    "R308": (
        "Het rekenblad heeft “.0” achter het getal gezet.",
        "Geef de kolom de notatie Tekst, verwijder “.0” uit elke cel en sla opnieuw op.",
    ),
    "R309": (
        "Er staat een dagnummer van het rekenblad waar een datum hoort.",
        "Celeigenschappen > Aangepast: jjjj-mm-dd, en sla daarna opnieuw op als CSV.",
    ),
    "R310": (
        "Er staat WAAR of ONWAAR waar 1 of 0 hoort.",
        "Zoeken en vervangen (Ctrl+H): WAAR door 1, ONWAAR door 0.",
    ),
    "R311": (
        "De datum heeft niet de opgegeven vorm.",
        "Schrijf JJJJ-MM-DD (Celeigenschappen > Aangepast), of laat DD/MM/JJJJ voor uw postbus opgeven.",
    ),
    "R312": (
        "Het getal heeft een decimale komma.",
        "Geef de kolom de notatie Tekst en vervang (Ctrl+H) de komma door een punt: 19.5.",
    ),
    "R313": (
        "De cel bevat een fout van het rekenblad (#N/B, #VERW!).",
        "Verbeter de formule, of plak de waarde in haar plaats (Plakken speciaal > Waarden).",
    ),
    "R314": (
        "Het getal ligt buiten de grenzen.",
        "Vergelijk het met het minimum en het maximum op de pagina van het contract.",
    ),
    "R315": (
        "De cel moet leeg blijven naast de andere cellen van de rij.",
        "Maak de genoemde cel leeg, of verbeter de cel die ze verbiedt.",
    ),
    "R401": (
        "De status volgt niet op de vorige.",
        "Controleer het traject; stuur zo nodig een verbetering.",
    ),
    "R402": (
        "Er is al een hogere versie bekend: deze verandert niets.",
        "Niets te doen als de volgorde van de zendingen klopt; verhoog anders de versie.",
    ),
    "R403": (
        "Twee verschillende inhouden zijn onder dezelfde versie gestuurd.",
        "Stuur de juiste inhoud onder een hogere versie.",
    ),
    "R404": (
        "Passerelle kent deze doorverwijzing niet.",
        "Controleer de referentie; is ze juist, dan komt de doorverwijzing misschien later.",
    ),
    "R406": (
        "Er ontbreekt een versie van deze referentie.",
        "Stuur de rij met het ontbrekende versienummer; heeft die nooit bestaan, dan hoeft u niets te doen.",
    ),
    "R501": (
        "De geboortedatum klopt niet met het INSZ (NISS).",
        "Vergelijk beide met de identiteitskaart; het nummer is misschien dat van een familielid.",
    ),
    "R502": (
        "Twee voltijdse contracten van dezelfde persoon overlappen.",
        "De rijen worden behouden. Controleer begin en einde van beide contracten.",
    ),
    "R503": (
        "De doorverwijzing hoort bij een andere persoon.",
        "Ga na of de referentie en het INSZ van dezelfde persoon zijn.",
    ),
    "R504": (
        "De persoon volgt een opleiding tijdens een voltijds contract artikel 60.",
        "Ga samen de datums van contract en opleiding na; verbeter wat niet klopt.",
    ),
    "R505": (
        "Het recht van de persoon is beëindigd terwijl de doorverwijzing is opgeschort.",
        "Le Forem sluit de doorverwijzing af of hervat ze; het OCMW verbetert een verkeerd einde van het recht.",
    ),
    "R506": (
        "De termijn voor de inschrijving bij Le Forem is voorbij.",
        "Ga de inschrijving na met de persoon; verbeter een foute toekenning of vrijstelling.",
    ),
    "R507": (
        "Het antwoord kwam na de uiterste datum van het evenement.",
        "Vraag aan Le Forem of er nog plaats is; verbeter de datum van het antwoord als hij niet klopt.",
    ),
    "R508": (
        "Het OCMW heeft meer personen bevestigd dan het plaatsen heeft.",
        "Trek een bevestiging in, of vraag plaatsen aan Le Forem.",
    ),
    "R509": (
        "Het evenement waarop het OCMW antwoordt, is geannuleerd, onbekend of niet voor deze personen.",
        "Controleer de referentie van het evenement; is het geannuleerd, verwittig de persoon.",
    ),
    "R601": (
        "Er staat een INSZ (NISS) in een kolom die niemand mag aanwijzen.",
        "Het INSZ hoort alleen in de kolom ervoor; zet hier een code of referentie die er geen bevat.",
    ),
}

_DELIMITERS = {
    "a comma": "een komma",
    "a semicolon": "een puntkomma",
    "a tabulation": "een tab",
    "a vertical bar": "een verticale streep",
}

# phrases of shapes: regular expression -> replacement; where two begin alike, the longer one comes first
PHRASES: dict[str, str] = {
    r"the declared encoding is unknown": "de opgegeven tekencodering is onbekend",
    r"a byte that is not ([\w-]+)": r"een byte die niet bij de codering \1 hoort",
    r"a NUL byte": "een NUL-byte",
    r"a Ctrl-Z byte": "een byte Ctrl-Z",
    r"lines end with CR alone": "de regels eindigen alleen met CR",
    r"a workbook or an archive, a CSV file expected": "een werkmap of een archief, een CSV-bestand verwacht",
    r"a text file, a workbook expected": "een tekstbestand, een werkmap verwacht",
    r"not an xlsx workbook": "geen xlsx-werkmap",
    r"a workbook with a password, or of an old kind": "een werkmap met een wachtwoord of van een oude soort",
    r"a damaged workbook": "een beschadigde werkmap",
    r"(\d+) sheets with content, 1 expected": r"\1 niet-lege bladen, 1 verwacht",
    r"an archive of more than (\d+) files": r"een archief van meer dan \1 bestanden",
    r"an archive that unpacks to more than (\d+) bytes": r"een archief dat uitgepakt meer dan \1 bytes telt",
    r"an archive that unpacks to more than (\d+) times its size": (
        r"een archief dat uitgepakt meer dan \1 keer zo groot is"
    ),
    r"a quote that is not closed, or text after a closing quote": (
        "een niet gesloten aanhalingsteken, of tekst na een sluitend aanhalingsteken"
    ),
    r"a cell of more than (\d+) characters over several lines: a quote that is not closed": (
        r"een cel van meer dan \1 tekens over meerdere regels: een niet gesloten aanhalingsteken"
    ),
    r"a cell of more than (\d+) characters": r"een cel van meer dan \1 tekens",
    r"a sheet of more than (\d+) rows or (\d+) cells": r"een blad van meer dan \1 rijen of \2 cellen",
    r"a workbook of more than (\d+) tags": r"een werkmap van meer dan \1 tags",
    r"a line of another width, (\d+) characters expected": r"een regel van een andere breedte, \1 tekens verwacht",
    r"a row of more than (\d+) characters": r"een rij van meer dan \1 tekens",
    r"more than (\d+) bytes": r"meer dan \1 bytes",
    r"more than (\d+) rows": r"meer dan \1 rijen",
    r"a header of 1 cells?, (\d+) expected, and nothing below it": (
        r"een kopregel van 1 cel, \1 verwacht, en niets eronder"
    ),
    r"a header of (\d+) cells, (\d+) expected, and nothing below it": (
        r"een kopregel van \1 cellen, \2 verwacht, en niets eronder"
    ),
    r"no header row: no cell is a column of the contract": "geen kopregel: geen cel is een kolom van het contract",
    r"columns in another order": "kolommen in een andere volgorde",
    r"missing:": "ontbrekende kolommen:",
    r"more than once:": "dubbele kolommen:",
    r"unknown in position:": "onbekende kolommen op plaats:",
    **{f"the delimiter is {name}": f"het scheidingsteken is {dutch}" for name, dutch in _DELIMITERS.items()},
    **{f"{name} is expected": f"verwacht is {dutch}" for name, dutch in _DELIMITERS.items()},
    r"another character is expected": "verwacht is een ander teken",
    r"\+ and 7 to 15 digits": "+ en 7 tot 15 cijfers",
    r"1 or 0": "1 of 0",
    r"(\d+) to (\d+) letters, digits or dashes": r"\1 tot \2 letters, cijfers of streepjes",
    r"(\d+) to (\d+) digits": r"\1 tot \2 cijfers",
    r"3 digits, or 3 and 2 with a point": "3 cijfers, of 3 en 2 met een punt",
    r"(\d+) hexadecimal digits": r"\1 hexadecimale cijfers",
    r"(NACE|NIS|NUTS) codes joined by \|": r"\1-codes, gescheiden door |",
    r"R, 5 digits, -, year, -, 6 digits": "R, 5 cijfers, -, jaar, -, 6 cijfers",
    r"a code of the list": "een code van de lijst",
    r"a date YYYY-MM-DD": "een datum JJJJ-MM-DD",
    r"a letter A to N and 4 or 6 digits": "een letter van A tot N en 4 of 6 cijfers",
    r"a line number": "een regelnummer",
    r"a number such as 19\.5": "een getal zoals 19.5",
    r"a sealed text c1": "een verzegelde tekst c1",
    r"a text without line breaks": "een tekst zonder regeleinde",
    r"a timestamp YYYY-MM-DDThh:mm:ss\+hh:mm": "een tijdstip JJJJ-MM-DDThh:mm:ss+hh:mm",
    r"a token w1": "een kenmerk w1",
    r"a whole number from 1": "een geheel getal vanaf 1",
    r"a whole number": "een geheel getal",
    r"an address https://": "een adres https://",
    r"an e-mail address": "een e-mailadres",
    r"at most (\d+) capitals, digits, colons or dashes": (
        r"hoogstens \1 hoofdletters, cijfers, dubbele punten of streepjes"
    ),
    r"capitals, digits and underscores": "hoofdletters, cijfers en liggende streepjes",
    r"at most (\d+) capitals, digits or dashes": r"hoogstens \1 hoofdletters, cijfers of streepjes",
    r"at most (\d+) capitals, digits or _": r"hoogstens \1 hoofdletters, cijfers of _",
    r"at most (\d+) capitals, digits, spaces or dashes": r"hoogstens \1 hoofdletters, cijfers, spaties of streepjes",
    r"at most (\d+) characters: letters, digits and common signs": (
        r"hoogstens \1 tekens: letters, cijfers en gewone leestekens"
    ),
    r"at most (\d+) characters": r"hoogstens \1 tekens",
    r"at most (\d+) letters or digits": r"hoogstens \1 letters of cijfers",
    r"codes of the list, joined by \|": "codes van de lijst, gescheiden door |",
    r"language:level, joined by \|": "taal:niveau, gescheiden door |",
    r"languages joined by \|": "talen, gescheiden door |",
    r"occupations joined by \|": "beroepen, gescheiden door |",
    r"postal codes joined by \|": "postcodes, gescheiden door |",
    r"references joined by \|": "referenties, gescheiden door |",
    r"not a possible value": "geen mogelijke waarde",
    r"1 cells?": "1 cel",
    r"(\d+) cells": r"\1 cellen",
    r"1 digit": "1 cijfer",
    r"(\d+) digits": r"\1 cijfers",
    r"1 letter": "1 letter",
    r"(\d+) letters": r"\1 letters",
    r"1 other": "1 ander teken",
    r"(\d+) others": r"\1 andere tekens",
    r"empty": "leeg",
    r"expected": "verwacht",
}
