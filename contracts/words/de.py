"""What findings say in German, to the communes with language facilities; CPAS is ÖSHZ there, BCE is ZDU."""

# what a code says, and how to mend it
SENTENCES: dict[str, tuple[str, str]] = {
    "F01": (
        "Der Dateiname folgt nicht der Namensregel.",
        "Benennen Sie die Datei nach dem Muster der Partnerseite um und senden Sie Datei und GO erneut.",
    ),
    "F02": (
        "Die GO-Datei fehlt oder ist nicht lesbar.",
        "Legen Sie zuerst die Daten ab, dann die GO-Datei dazu, mit derselben Sequenznummer.",
    ),
    "F03": (
        "Der Inhalt ist nicht der, den die GO-Datei ankündigt (anderer Hashwert).",
        "Die Datei wurde nach der GO-Datei geändert oder abgeschnitten: Erstellen und senden Sie beide neu.",
    ),
    "F04": (
        "Die Zahl der Zeilen ist nicht die, welche die GO-Datei ankündigt.",
        "Machen Sie den vollständigen Export neu, danach die GO-Datei, und senden Sie beide.",
    ),
    "F05": (
        "Diese Sequenznummer wurde schon verwendet.",
        "Die Datei wird verarbeitet. Erhöhen Sie die Sequenz bei jedem Versand um eins, ohne sie zurückzusetzen.",
    ),
    "F06": (
        "Vor dieser Datei fehlen eine oder mehrere Sequenznummern.",
        "Die Datei wird verarbeitet. Prüfen Sie, ob eine frühere Sendung bei Ihnen liegen geblieben ist.",
    ),
    "F07": (
        "Die angekündigte Version des Vertrags gibt es nicht.",
        "Verwenden Sie eine Version, die auf der Vertragsseite steht, zum Beispiel „orientations/1“.",
    ),
    "F08": (
        "Die Datei hat nicht die angemeldete Zeichenkodierung.",
        "Speichern Sie sie so, wie angemeldet: in Excel meist „CSV UTF-8“, in LibreOffice „Unicode (UTF-8)“.",
    ),
    "F09": (
        "Die Datei ist nicht von Ihnen signiert: In der GO fehlt die Signatur, oder es ist nicht die dieser GO.",
        "Signieren Sie die GO zuletzt mit dem Schlüssel, dessen öffentlichen Teil der Hub hat; senden Sie beide neu.",
    ),
    "F10": (
        "Der Absender ist unbekannt oder nicht der Inhaber dieses Postfachs.",
        "Prüfen Sie die sechs Ziffern des Absenders im Dateinamen: 0, dann der NIS-Code.",
    ),
    "F11": (
        "Die Datei ist für eine andere Umgebung bestimmt (Test oder echt).",
        "Setzen Sie T (Test) oder R (echt) in den Dateinamen, je nach der Umgebung, in der Sie ablegen.",
    ),
    "F12": (
        "Der Absender hat die Datei vor der Verarbeitung zurückgezogen.",
        "Nichts zu tun. Um sie doch zu senden, legen Sie sie mit einer neuen Sequenz ab.",
    ),
    "F13": (
        "Die Kopfzeile ist nicht die des Vertrags: Eine Spalte fehlt, ist unbekannt oder steht am falschen Platz.",
        "Gehen Sie von der CSV-Vorlage aus: dieselben Spaltennamen in der ersten Zeile, in derselben Reihenfolge.",
    ),
    "F14": (
        "Die Datei ist zu groß: zu viele Bytes oder zu viele Zeilen.",
        "Verteilen Sie die Zeilen auf mehrere Dateien, jede mit Kopfzeile, eigener GO-Datei und eigener Sequenz.",
    ),
    "F15": (
        "Dieses ÖSHZ gehört zum ADG (Deutschsprachige Gemeinschaft), nicht zum Forem.",
        "Richten Sie diese Datei an das ADG.",
    ),
    "F16": (
        "An diesem Tag besteht keine Rechtsgrundlage (Konvention oder Dekret).",
        "Lassen Sie die Konvention unterzeichnen, bevor Sie Daten von Personen senden.",
    ),
    "F17": (
        "Diesen Datenfluss gibt es nicht, oder diese Seite sendet ihn nicht.",
        "Prüfen Sie die vier Buchstaben des Datenflusses im Dateinamen.",
    ),
    "F18": (
        "Zu viele Zeilen sind abgewiesen: Die ganze Datei wird abgelehnt.",
        "Beheben Sie zuerst den häufigsten Fehlercode, oft eine einzige Spalte. Senden Sie dann die ganze Datei neu.",
    ),
    "F19": (
        "Die Datei beginnt mit einer Byte-Reihenfolge-Marke (BOM).",
        "Nichts zu tun: Diese Marke wird übergangen.",
    ),
    "F20": (
        "Die Datei ist in UTF-16.",
        "Speichern Sie sie in Excel als „CSV UTF-8“, nicht als „Unicode Text“.",
    ),
    "F21": (
        "Die Datei enthält ein NUL-Byte.",
        "Exportieren Sie neu aus dem ursprünglichen Programm: Die Kopie ist beschädigt oder keine Textdatei.",
    ),
    "F22": (
        "Die Datei enthält ein Zeichen Strg-Z (alte Marke für das Dateiende).",
        "Entfernen Sie dieses Zeichen, meist das letzte der Datei, oder lassen Sie den Export ändern, der es anfügt.",
    ),
    "F23": (
        "Die Zeilen enden nur mit einem Wagenrücklauf (altes Macintosh-Format).",
        "Speichern Sie sie in Excel als „CSV UTF-8“, nicht als „CSV (Macintosh)“.",
    ),
    "F24": (
        "Eine Spalte steht mehrmals in der Kopfzeile.",
        "Behalten Sie von jedem Namen eine Spalte und löschen Sie die andere (Rechtsklick auf die Spalte > Löschen).",
    ),
    "F25": (
        "Ein Anführungszeichen ist nicht geschlossen, oder Text folgt auf ein schließendes.",
        "Verdoppeln Sie in der genannten Zeile jedes Anführungszeichen innerhalb einer Zelle, oder entfernen Sie es.",
    ),
    "F26": (
        "Die Kopfzeile ist abgeschnitten, und nichts folgt ihr.",
        "Der Export wurde unterbrochen: Führen Sie ihn noch einmal bis zum Ende aus.",
    ),
    "F27": (
        "Die letzte Zeile hat kein Zeilenende: Die Datei ist vielleicht abgeschnitten.",
        "Die Datei wird verarbeitet. Prüfen Sie, ob ihre letzte Zeile vollständig ist.",
    ),
    "F28": (
        "Die Datei ist leer.",
        "Prüfen Sie den Export: Mindestens die Kopfzeile ist nötig.",
    ),
    "F29": (
        "Das Trennzeichen ist nicht das angemeldete.",
        "LibreOffice: „Filtereinstellungen bearbeiten“ ankreuzen. Excel folgt dem „Listentrennzeichen“ von Windows.",
    ),
    "F30": (
        "Es gibt keine Kopfzeile.",
        "Setzen Sie die Spaltennamen der Vorlage in die erste Zeile, ohne Titel oder leere Zeile darüber.",
    ),
    "F31": (
        "Eine Zelle oder die ganze Zeile ist zu lang.",
        "Suchen Sie ab der genannten Zeile ein Anführungszeichen, das nie geschlossen wird, oder kürzen Sie den Text.",
    ),
    "F32": (
        "Die Datei ist nicht von der angemeldeten Art (CSV oder Arbeitsmappe).",
        "Datei > Speichern unter: Wählen Sie die angemeldete Art, oder lassen Sie die Anmeldung ändern.",
    ),
    "F33": (
        "Die Arbeitsmappe ist nicht lesbar: beschädigt, mit Kennwort geschützt oder keine .xlsx-Datei.",
        "Datei > Speichern unter > Excel-Arbeitsmappe (.xlsx), ohne Kennwort.",
    ),
    "F34": (
        "Die Arbeitsmappe hat mehrere Blätter, die nicht leer sind.",
        "Behalten Sie das Blatt mit den Daten; löschen Sie die anderen, auch ausgeblendete (Rechtsklick > Löschen).",
    ),
    "F35": (
        "Die Arbeitsmappe enthält weit mehr, als ihre Größe vermuten lässt.",
        "Kopieren Sie nur die Daten, ohne Bilder und Formate, in eine neue Arbeitsmappe (.xlsx).",
    ),
    "F36": (
        "Dieser Datenfluss steht am Tag des Empfangs nicht im Aktionsplan des ÖSHZ.",
        "Prüfen Sie den Fluss im Dateinamen, oder lassen Sie zuerst den Aktionsplan mit Le Forem ändern.",
    ),
    "F37": (
        "Die Datei gibt an, auf eine Datei zu folgen, die der Hub nie erhalten hat.",
        "Die Zeilen werden gelesen. Suchen Sie, welche Datei dieser Reihe nicht gesendet wurde, und senden Sie sie.",
    ),
    "F38": (
        "Die Datei folgt einer anderen als der vorigen ihrer Reihe: zwei Kopien Ihrer Reihe gehen auseinander.",
        "Die Zeilen werden gelesen. Suchen Sie eine zurückgespielte Sicherung oder einen zweiten sendenden Rechner.",
    ),
    "F39": (
        "Dieser vollständige Export würde zu viele Angebote schließen: er gilt als Teilexport und schließt keines.",
        "Prüfen Sie, ob der Export vollständig ist; ist er richtig, melden Sie es dem Hub und senden Sie den nächsten.",
    ),
    "F40": (
        "Die Empfangsmeldung (AK) ist unlesbar oder betrifft eine Datei, die hier nicht zugestellt wurde.",
        "Übernehmen Sie Name und SHA-256 aus der erhaltenen GO; das Verdikt ist ACCEPTED oder REFUSED.",
    ),
    "F41": (
        "Die Datei ist nicht im vereinbarten Umschlag.",
        "Versiegeln Sie sie wie vereinbart (HPKE, CMS, OpenPGP oder age), oder lassen Sie zuerst den Umschlag ändern.",
    ),
    "F42": (
        "Die versiegelte Datei lässt sich nicht öffnen: Sie gilt einem anderen Empfänger oder ist beschädigt.",
        "Versiegeln Sie sie für den jetzigen öffentlichen Schlüssel des Hubs, unter ihrem genauen Namen.",
    ),
    "F43": (
        "Die Datei ist mit einem Schlüssel signiert, der nicht mehr oder noch nicht gilt.",
        "Geben Sie dem Hub Ihren neuen öffentlichen Schlüssel, signieren Sie die GO damit und senden Sie neu.",
    ),
    "R001": (
        "Die Zeile hat zu wenige Zellen.",
        "Lassen Sie eine Zelle leer, statt sie wegzulassen; suchen Sie einen Zeilenumbruch in einer Zelle.",
    ),
    "R002": (
        "Die Zeile hat zu viele Zellen.",
        "Wahrscheinlich steht das Trennzeichen, meist „;“, in einer Zelle: Setzen Sie den Text in Anführungszeichen.",
    ),
    "R101": (
        "Die NISS (INSS) ist keine mögliche Nummer.",
        "Übertragen Sie die elf Ziffern vom Personalausweis, ohne Punkte und Striche.",
    ),
    "R102": (
        "Die NISS (INSS) hat zehn Ziffern: Die führende Null ging verloren.",
        "Geben Sie der Spalte das Format Text, bevor Sie die Nummern einfügen, und setzen Sie die 0 wieder davor.",
    ),
    "R103": (
        "Diese NISS (INSS) wurde laut den Registern durch eine andere ersetzt.",
        "Die Zeile bleibt und findet ihre Person. Erfragen Sie die neue Nummer beim Nationalregister oder der ZDSS.",
    ),
    "R104": (
        "Diese NISS (INSS) wurde von den Registern annulliert, ohne eine andere an ihrer Stelle.",
        "Die Zeile bleibt. Prüfen Sie die Identität der Person beim Nationalregister oder bei der ZDSS.",
    ),
    "R105": (
        "Eine Testnummer in der echten Umgebung.",
        "Nehmen Sie die Testpersonen aus dem echten Export.",
    ),
    "R106": (
        "Eine Nummer in der Testumgebung, die einer wirklichen Person gehören kann.",
        "Senden Sie im Test nur erfundene Personen (laufende Nummer 000 oder 999).",
    ),
    "R107": (
        "Eine Zeile, die geschrieben wurde, bevor diese Person gelöscht wurde.",
        "Löschen Sie sie auch bei sich. Begleiten Sie die Person noch, schreiben Sie heute eine neue Zeile.",
    ),
    "R201": (
        "Der NIS-Code gehört zu keiner Gemeinde.",
        "Verwenden Sie den fünfstelligen NIS-Code, nicht die Postleitzahl.",
    ),
    "R202": (
        "Der NIS-Code ist am Wirkungsdatum nicht mehr oder noch nicht in Gebrauch.",
        "Die Zeile bleibt erhalten. Stellen Sie Ihr Programm auf den NIS-Code nach der Fusion oder Neukodierung um.",
    ),
    "R203": (
        "Diese Gemeinde gehört zum ADG, nicht zum Forem.",
        "Entfernen Sie die Zeile und richten Sie sie an das ADG.",
    ),
    "R204": (
        "Die ZDU-Nummer (Unternehmen oder Niederlassung) ist keine mögliche Nummer.",
        "Übertragen Sie die zehn Ziffern mit der führenden Null, ohne Punkte und ohne „BE“.",
    ),
    "R205": (
        "Der Absender darf für dieses ÖSHZ nicht schreiben.",
        "Setzen Sie den NIS-Code Ihrer Gemeinde ein, oder den einer Gemeinde, aus der sie hervorging.",
    ),
    "R206": (
        "Die Unternehmensnummer (ZDU) hat neun Ziffern: Die führende Null ging verloren.",
        "Rechtsklick auf die Spalte > Zellen formatieren > Text, dann die 0 vor jede Unternehmensnummer setzen.",
    ),
    "R207": (
        "In einem Vertrag nach Artikel 60 ist der Arbeitgeber nicht das ÖSHZ.",
        "Tragen Sie als Arbeitgeber die Nummer des ÖSHZ ein; die andere Stelle gehört in die Spalte des Benutzers.",
    ),
    "R301": (
        "Der Code steht nicht in der Liste oder ist neben den anderen Codes der Zeile nicht erlaubt.",
        "Nehmen Sie einen Code aus der Liste des Vertrags, genau so geschrieben (auch Großbuchstaben).",
    ),
    "R302": (
        "Der Code gilt am Wirkungsdatum nicht.",
        "Wählen Sie einen Code, der am Wirkungsdatum gilt, oder berichtigen Sie dieses Datum.",
    ),
    "R303": (
        "Zwei Datumsangaben der Zeile stehen in der falschen Reihenfolge.",
        "Vergleichen Sie das genannte Datum mit den anderen der Zeile; manchmal sind Tag und Monat vertauscht.",
    ),
    "R304": (
        "Das Datum liegt in der Zukunft.",
        "Berichtigen Sie das Datum; prüfen Sie auch die Uhr des Rechners, der exportiert hat.",
    ),
    "R305": (
        "Eine Pflichtzelle ist leer, oder ihr fehlt, was eine andere Zelle verlangt.",
        "Füllen Sie die genannte Zelle aus.",
    ),
    "R306": (
        "Das Format ist nicht das der Spalte.",
        "Vergleichen Sie die genannte Zelle mit dem Beispiel der CSV-Vorlage: Länge, Ziffern, Buchstaben, Zeichen.",
    ),
    "R307": (
        "Die Tabellenkalkulation hat die Zahl in wissenschaftliche Schreibweise gesetzt.",
        "Geben Sie der Spalte das Format Text und die Zahlen neu ein: Ihre letzten Ziffern sind verloren.",
    ),
    "R308": (
        "Die Tabellenkalkulation hat „.0“ an die Zahl angehängt.",
        "Geben Sie der Spalte das Format Text, entfernen Sie „.0“ aus jeder Zelle und speichern Sie neu.",
    ),
    "R309": (
        "Eine Tageszahl der Tabellenkalkulation steht, wo ein Datum erwartet wird.",
        "Zellen formatieren > Benutzerdefiniert: JJJJ-MM-TT, dann neu als CSV speichern.",
    ),
    "R310": (
        "WAHR oder FALSCH steht, wo 1 oder 0 erwartet wird.",
        "Suchen und Ersetzen (Strg+H): WAHR durch 1, FALSCH durch 0.",
    ),
    "R311": (
        "Das Datum hat nicht die angemeldete Form.",
        "Schreiben Sie JJJJ-MM-TT (Zellen formatieren), oder lassen Sie TT/MM/JJJJ für Ihr Postfach anmelden.",
    ),
    "R312": (
        "Die Zahl hat ein Dezimalkomma.",
        "Geben Sie der Spalte das Format Text und ersetzen Sie (Strg+H) das Komma durch einen Punkt: 19.5.",
    ),
    "R313": (
        "Die Zelle enthält einen Fehler der Tabellenkalkulation (#NV, #BEZUG!).",
        "Berichtigen Sie die Formel, oder fügen Sie an ihrer Stelle den Wert ein (Inhalte einfügen > Werte).",
    ),
    "R314": (
        "Die Zahl liegt außerhalb der Grenzen.",
        "Vergleichen Sie sie mit dem kleinsten und dem größten Wert auf der Vertragsseite.",
    ),
    "R315": (
        "Die Zelle muss neben den anderen Zellen der Zeile leer bleiben.",
        "Leeren Sie die genannte Zelle, oder berichtigen Sie die Zelle, die sie verbietet.",
    ),
    "R401": (
        "Der Status folgt nicht auf den vorigen.",
        "Prüfen Sie den Verlauf; senden Sie wenn nötig eine Berichtigung.",
    ),
    "R402": (
        "Eine höhere Version ist schon bekannt: Diese ändert nichts.",
        "Nichts zu tun, wenn die Reihenfolge des Versands stimmt; sonst erhöhen Sie die Version.",
    ),
    "R403": (
        "Zwei verschiedene Inhalte wurden unter derselben Version gesendet.",
        "Senden Sie den richtigen Inhalt unter einer höheren Version.",
    ),
    "R404": (
        "Passerelle kennt diese Zuweisung nicht.",
        "Prüfen Sie das Aktenzeichen; ist es richtig, kommt die Zuweisung vielleicht später.",
    ),
    "R406": (
        "Zu diesem Aktenzeichen fehlt eine Version.",
        "Senden Sie die Zeile mit der fehlenden Versionsnummer; hat es sie nie gegeben, ist nichts zu tun.",
    ),
    "R501": (
        "Das Geburtsdatum passt nicht zur NISS (INSS).",
        "Vergleichen Sie beide mit dem Personalausweis; die Nummer gehört vielleicht einem Angehörigen.",
    ),
    "R502": (
        "Zwei Vollzeitverträge derselben Person überschneiden sich.",
        "Die Zeilen bleiben erhalten. Prüfen Sie Anfang und Ende beider Verträge.",
    ),
    "R503": (
        "Die Zuweisung gehört zu einer anderen Person.",
        "Prüfen Sie, ob Aktenzeichen und NISS dieselbe Person meinen.",
    ),
    "R504": (
        "Die Person macht eine Ausbildung während eines Vollzeitvertrags nach Artikel 60.",
        "Prüfen Sie gemeinsam die Daten von Vertrag und Ausbildung; berichtigen Sie, was nicht stimmt.",
    ),
    "R505": (
        "Das Recht der Person ist beendet, ihre Zuweisung aber ausgesetzt.",
        "Le Forem schließt die Zuweisung oder nimmt sie wieder auf; das ÖSHZ berichtigt ein falsches Ende des Rechts.",
    ),
    "R506": (
        "Die Frist für die Eintragung bei Le Forem ist abgelaufen.",
        "Prüfen Sie die Eintragung mit der Person; berichtigen Sie falsche Daten der Gewährung.",
    ),
    "R507": (
        "Die Antwort kam nach dem Stichtag der Veranstaltung.",
        "Fragen Sie Le Forem, ob noch ein Platz frei ist; berichtigen Sie das Datum der Antwort, wenn es nicht stimmt.",
    ),
    "R508": (
        "Das ÖSHZ hat mehr Personen bestätigt, als es Plätze hat.",
        "Ziehen Sie eine Bestätigung zurück, oder bitten Sie Le Forem um Plätze.",
    ),
    "R509": (
        "Die Veranstaltung, auf die das ÖSHZ antwortet, ist abgesagt, unbekannt oder nicht für diese Personen.",
        "Prüfen Sie die Referenz der Veranstaltung; ist sie abgesagt, benachrichtigen Sie die Person.",
    ),
    "R601": (
        "Eine NISS (INSS) steht in einer Spalte, die niemanden nennen darf.",
        "Die NISS gehört nur in die Spalte dafür; setzen Sie hier einen Code oder ein Aktenzeichen ohne sie ein.",
    ),
}

_DELIMITERS = {
    "a comma": "ein Komma",
    "a semicolon": "ein Semikolon",
    "a tabulation": "ein Tabulator",
    "a vertical bar": "ein senkrechter Strich",
}

# phrases of shapes: regular expression -> replacement; where two begin alike, the longer one comes first
PHRASES: dict[str, str] = {
    r"the declared encoding is unknown": "die angemeldete Zeichenkodierung ist unbekannt",
    r"a byte that is not ([\w-]+)": r"ein Byte, das nicht zur Kodierung \1 gehört",
    r"a NUL byte": "ein NUL-Byte",
    r"a Ctrl-Z byte": "ein Byte Strg-Z",
    r"lines end with CR alone": "die Zeilen enden nur mit CR",
    r"a workbook or an archive, a CSV file expected": "eine Arbeitsmappe oder ein Archiv, eine CSV-Datei erwartet",
    r"a text file, a workbook expected": "eine Textdatei, eine Arbeitsmappe erwartet",
    r"not an xlsx workbook": "keine xlsx-Arbeitsmappe",
    r"a workbook with a password, or of an old kind": "eine Arbeitsmappe mit Kennwort oder von alter Art",
    r"a damaged workbook": "eine beschädigte Arbeitsmappe",
    r"(\d+) sheets with content, 1 expected": r"\1 nicht leere Blätter, 1 erwartet",
    r"an archive of more than (\d+) files": r"ein Archiv mit mehr als \1 Dateien",
    r"an archive that unpacks to more than (\d+) bytes": r"ein Archiv, das entpackt mehr als \1 Bytes hat",
    r"an archive that unpacks to more than (\d+) times its size": (
        r"ein Archiv, das entpackt mehr als \1-mal so groß ist"
    ),
    r"a quote that is not closed, or text after a closing quote": (
        "ein nicht geschlossenes Anführungszeichen, oder Text nach einem schließenden Anführungszeichen"
    ),
    r"a cell of more than (\d+) characters over several lines: a quote that is not closed": (
        r"eine Zelle mit mehr als \1 Zeichen über mehrere Zeilen: ein nicht geschlossenes Anführungszeichen"
    ),
    r"a cell of more than (\d+) characters": r"eine Zelle mit mehr als \1 Zeichen",
    r"a sheet of more than (\d+) rows or (\d+) cells": r"ein Blatt mit mehr als \1 Zeilen oder \2 Zellen",
    r"a workbook of more than (\d+) tags": r"eine Arbeitsmappe mit mehr als \1 Tags",
    r"a line of another width, (\d+) characters expected": r"eine Zeile anderer Breite, \1 Zeichen erwartet",
    r"a row of more than (\d+) characters": r"eine Zeile mit mehr als \1 Zeichen",
    r"more than (\d+) bytes": r"mehr als \1 Bytes",
    r"more than (\d+) rows": r"mehr als \1 Zeilen",
    r"a header of 1 cells?, (\d+) expected, and nothing below it": (
        r"eine Kopfzeile mit 1 Zelle, \1 erwartet, und nichts darunter"
    ),
    r"a header of (\d+) cells, (\d+) expected, and nothing below it": (
        r"eine Kopfzeile mit \1 Zellen, \2 erwartet, und nichts darunter"
    ),
    r"no header row: no cell is a column of the contract": (
        "keine Kopfzeile: keine Zelle ist eine Spalte des Vertrags"
    ),
    r"columns in another order": "Spalten in anderer Reihenfolge",
    r"missing:": "fehlende Spalten:",
    r"more than once:": "doppelte Spalten:",
    r"unknown in position:": "unbekannte Spalten an Stelle:",
    **{f"the delimiter is {name}": f"das Trennzeichen ist {german}" for name, german in _DELIMITERS.items()},
    **{f"{name} is expected": f"erwartet ist {german}" for name, german in _DELIMITERS.items()},
    r"another character is expected": "erwartet ist ein anderes Zeichen",
    r"\+ and 7 to 15 digits": "+ und 7 bis 15 Ziffern",
    r"1 or 0": "1 oder 0",
    r"(\d+) to (\d+) letters, digits or dashes": r"\1 bis \2 Buchstaben, Ziffern oder Bindestriche",
    r"(\d+) to (\d+) digits": r"\1 bis \2 Ziffern",
    r"3 digits, or 3 and 2 with a point": "3 Ziffern, oder 3 und 2 mit einem Punkt",
    r"(\d+) hexadecimal digits": r"\1 Hexadezimalziffern",
    r"(NACE|NIS|NUTS) codes joined by \|": r"\1-Codes, durch | getrennt",
    r"R, 5 digits, -, year, -, 6 digits": "R, 5 Ziffern, -, Jahr, -, 6 Ziffern",
    r"a code of the list": "ein Code der Liste",
    r"a date YYYY-MM-DD": "ein Datum JJJJ-MM-TT",
    r"a letter A to N and 4 or 6 digits": "ein Buchstabe von A bis N und 4 oder 6 Ziffern",
    r"a line number": "eine Zeilennummer",
    r"a number such as 19\.5": "eine Zahl wie 19.5",
    r"a sealed text c1": "ein versiegelter Text c1",
    r"a text without line breaks": "ein Text ohne Zeilenumbruch",
    r"a timestamp YYYY-MM-DDThh:mm:ss\+hh:mm": "ein Zeitpunkt JJJJ-MM-TTThh:mm:ss+hh:mm",
    r"a token w1": "ein Kennzeichen w1",
    r"a whole number from 1": "eine ganze Zahl ab 1",
    r"a whole number": "eine ganze Zahl",
    r"an address https://": "eine Adresse https://",
    r"an e-mail address": "eine E-Mail-Adresse",
    r"at most (\d+) capitals, digits, colons or dashes": (
        r"höchstens \1 Großbuchstaben, Ziffern, Doppelpunkte oder Bindestriche"
    ),
    r"capitals, digits and underscores": "Großbuchstaben, Ziffern und Unterstriche",
    r"at most (\d+) capitals, digits or dashes": r"höchstens \1 Großbuchstaben, Ziffern oder Bindestriche",
    r"at most (\d+) capitals, digits or _": r"höchstens \1 Großbuchstaben, Ziffern oder _",
    r"at most (\d+) capitals, digits, spaces or dashes": (
        r"höchstens \1 Großbuchstaben, Ziffern, Leerzeichen oder Bindestriche"
    ),
    r"at most (\d+) characters: letters, digits and common signs": (
        r"höchstens \1 Zeichen: Buchstaben, Ziffern und übliche Zeichen"
    ),
    r"at most (\d+) characters": r"höchstens \1 Zeichen",
    r"at most (\d+) letters or digits": r"höchstens \1 Buchstaben oder Ziffern",
    r"codes of the list, joined by \|": "Codes der Liste, durch | getrennt",
    r"language:level, joined by \|": "Sprache:Niveau, durch | getrennt",
    r"languages joined by \|": "Sprachen, durch | getrennt",
    r"occupations joined by \|": "Berufe, durch | getrennt",
    r"postal codes joined by \|": "Postleitzahlen, durch | getrennt",
    r"references joined by \|": "Aktenzeichen, durch | getrennt",
    r"not a possible value": "kein möglicher Wert",
    r"1 cells?": "1 Zelle",
    r"(\d+) cells": r"\1 Zellen",
    r"1 digit": "1 Ziffer",
    r"(\d+) digits": r"\1 Ziffern",
    r"1 letter": "1 Buchstabe",
    r"(\d+) letters": r"\1 Buchstaben",
    r"1 other": "1 anderes Zeichen",
    r"(\d+) others": r"\1 andere Zeichen",
    r"empty": "leer",
    r"expected": "erwartet",
}
