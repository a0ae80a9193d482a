"""What findings say in English, to developers; shapes are English already."""

# what a code says, and how to mend it
SENTENCES: dict[str, tuple[str, str]] = {
    "F01": (
        "The file name does not follow the grammar.",
        "Name it FI.FEED.sender.yyyymmdd.sequence.T.1.1 (R for real) and send it again with its GO.",
    ),
    "F02": (
        "The GO is missing or cannot be read.",
        "Write the data file first, then a GO in JSON of the same sender, date, feed and sequence.",
    ),
    "F03": (
        "The content is not the one announced by the GO (hash).",
        "Compute the SHA-256 over the bytes as sent, after the last change, and send both again.",
    ),
    "F04": (
        "The number of rows is not the one announced by the GO.",
        "Count rows of data, without the header; a line break inside quotes does not start a row.",
    ),
    "F05": (
        "This sequence number was used before.",
        "The file is processed. Add one for each file of a feed and recipient, and never reset.",
    ),
    "F06": (
        "One or more sequence numbers are missing before this file.",
        "The file is processed. Look for an earlier file that was made but never sent.",
    ),
    "F07": (
        "This version of the contract is unknown.",
        "Name a published contract in the GO, such as “orientations/1”; an outbound one cannot be announced.",
    ),
    "F08": (
        "The file is not in the declared encoding.",
        "Write in the encoding declared for the mailbox (mostly UTF-8), or ask for the declaration to be changed.",
    ),
    "F09": (
        "The file is not signed by you: the GO has no signature, or not that of this GO.",
        "Sign the GO last, with the key whose public half the hub has, and send FI and GO again.",
    ),
    "F10": (
        "The sender is unknown or is not the owner of this mailbox.",
        "Write the sender as six digits in the file name: 0 and the NIS code of the commune.",
    ),
    "F11": (
        "The file belongs to another environment (test or real).",
        "Put T (test) or R (real) in the file name, as the mailbox you write to.",
    ),
    "F12": (
        "The sender withdrew the file before it was processed.",
        "Nothing to do. To send it after all, use a new sequence number.",
    ),
    "F13": (
        "The header is not the contract's: a column is missing, unknown or out of place.",
        "Start from the contract's template: the same column names, in the same order, in the first row.",
    ),
    "F14": (
        "The file is too large: too many bytes or too many rows.",
        "Split the rows over several files, each with the header, its own GO and its own sequence number.",
    ),
    "F15": (
        "This CPAS is served by the ADG, not by Le Forem.",
        "Send this file to the ADG.",
    ),
    "F16": (
        "There is no open legal basis (convention or decree) on this date.",
        "Have the convention signed before any data about persons are sent.",
    ),
    "F17": (
        "This feed does not exist, or is not one that this side sends.",
        "Check the four letters of the feed in the file name.",
    ),
    "F18": (
        "Too many rows are rejected: the whole file is refused.",
        "Mend the most frequent code first; it is often one column. Then send the whole file again.",
    ),
    "F19": (
        "The file begins with a byte order mark (BOM).",
        "Nothing to do: the mark is passed over.",
    ),
    "F20": (
        "The file is in UTF-16.",
        "In Excel, save it as “CSV UTF-8”, not as “Unicode Text”.",
    ),
    "F21": (
        "The file holds a NUL byte.",
        "Export again from the program itself: the copy is damaged or is not a text file.",
    ),
    "F22": (
        "The file holds a Ctrl-Z character (an old end-of-file mark).",
        "Remove it, mostly the last character, or change the export of the old program that adds it.",
    ),
    "F23": (
        "The lines end with a carriage return only (old Macintosh).",
        "In Excel, save it as “CSV UTF-8”, not as “CSV (Macintosh)”.",
    ),
    "F24": (
        "A column stands more than once in the header.",
        "Keep one column of each name and delete the other (right-click its letter > Delete).",
    ),
    "F25": (
        "A quote is not closed, or text follows a closing quote.",
        "Look at the line named: double every quote inside a cell, or remove it.",
    ),
    "F26": (
        "The header is cut and nothing follows it.",
        "The export was interrupted: make it again, to its end.",
    ),
    "F27": (
        "The last line has no line end: the file may be cut.",
        "The file is processed. Check that the last row is whole.",
    ),
    "F28": (
        "The file is empty.",
        "Check the export: at least the header row is needed.",
    ),
    "F29": (
        "The delimiter is not the declared one.",
        "LibreOffice: tick “Edit filter settings” when saving. Excel follows the “List separator” of Windows.",
    ),
    "F30": (
        "There is no header row.",
        "Put the template's column names in the first row, without a title or an empty row above.",
    ),
    "F31": (
        "A cell, or the whole row, is too long.",
        "From the line named on, look for a quote that is never closed, or shorten the text.",
    ),
    "F32": (
        "The file is not of the declared kind (CSV or workbook).",
        "File > Save As: choose the kind declared for your mailbox, or ask for the declaration to be changed.",
    ),
    "F33": (
        "The workbook cannot be read: damaged, behind a password, or not an .xlsx.",
        "File > Save As > Excel Workbook (.xlsx), without a password.",
    ),
    "F34": (
        "The workbook has several sheets that are not empty.",
        "Keep the sheet with the data; delete the others, hidden ones too (right-click the tab > Delete).",
    ),
    "F35": (
        "The workbook unpacks to far more than its size.",
        "Copy the data alone into a new workbook, without images or formats, and save it as .xlsx.",
    ),
    "F36": (
        "This feed is not in the CPAS's plan d'actions on the day of receipt.",
        "Check the feed in the file name, or have the plan d'actions changed with Le Forem first.",
    ),
    "F37": (
        "The file says that it follows a file that the hub never received.",
        "Its rows are read. Find out which file of this line was not sent, and send it.",
    ),
    "F38": (
        "The file says that it follows another file than the last of its line: two copies of your line diverge.",
        "Its rows are read. Look for a restored backup or two computers that send, and keep one.",
    ),
    "F39": (
        "This complete export would close too many offers: it is read as a partial one and closes none.",
        "Check that the export is whole; if it is right, tell the hub, then send the next one.",
    ),
    "F40": (
        "The acknowledgement (AK) cannot be read, or speaks of a file that was not delivered to this mailbox.",
        "Copy the name and the SHA-256 from the GO received; the verdict is ACCEPTED or REFUSED.",
    ),
    "F41": (
        "The file is not in the envelope that was agreed.",
        "Seal it as agreed (HPKE, CMS, OpenPGP or age), or have the envelope changed before you send.",
    ),
    "F42": (
        "The sealed file does not open: it is sealed for another recipient, or damaged.",
        "Seal it to the hub's present public key, under its exact name, and send it again.",
    ),
    "F43": (
        "The file is signed with a key that holds no longer, or not yet.",
        "Give the hub your new public key, then sign the GO with it and send again.",
    ),
    "R001": (
        "The row has too few cells.",
        "Leave a cell empty instead of leaving it out; look for a line break inside a cell without quotes.",
    ),
    "R002": (
        "The row has too many cells.",
        "A delimiter stands inside a cell: put that text between quotes, or remove it.",
    ),
    "R101": (
        "The NISS is not a possible number.",
        "Write the eleven digits as text, without dots or dashes; the last two are the modulo 97 check.",
    ),
    "R102": (
        "The NISS has ten digits: its leading zero was lost.",
        "Keep the column as Text from end to end, and put the 0 in front again.",
    ),
    "R103": (
        "This NISS has been replaced by another, the registers say.",
        "The row is kept and finds its person. Ask the National Register or the Crossroads Bank for the new number.",
    ),
    "R104": (
        "This NISS was cancelled by the registers, with no other in its place.",
        "The row is kept. Check who the person is with the National Register or the Crossroads Bank.",
    ),
    "R105": (
        "A test number in the real environment.",
        "Take the test persons out of the real export.",
    ),
    "R106": (
        "A number that may be a real person's in the test environment.",
        "Send invented persons only in test (order number 000 or 999).",
    ),
    "R107": (
        "A row that was written before this person was erased.",
        "Erase it on your side too. If you still follow the person, write a new row, dated today.",
    ),
    "R201": (
        "The NIS code is not that of a commune.",
        "Use the NIS code of five digits, not the postal code.",
    ),
    "R202": (
        "The NIS code was no longer, or not yet, in use on the effective date.",
        "The row is kept. Use the code from after the merger or recoding.",
    ),
    "R203": (
        "This commune is served by the ADG, not by Le Forem.",
        "Take the row out and send it to the ADG.",
    ),
    "R204": (
        "The BCE number (enterprise or establishment) is not a possible number.",
        "Write its ten digits as text, with the leading zero, without dots or “BE”.",
    ),
    "R205": (
        "The sender may not write for this CPAS.",
        "Use the NIS code of the sender's commune, or of one that it succeeds.",
    ),
    "R206": (
        "The enterprise number (BCE) has nine digits: its leading zero was lost.",
        "Right-click the column > Format Cells > Text, then type the 0 in front of each enterprise number.",
    ),
    "R207": (
        "In an article 60 contract the employer is not the CPAS.",
        "Put the enterprise number of the CPAS as employer, and the other organisation as user.",
    ),
    "R301": (
        "The code is not in the list, or not allowed beside the other codes of the row.",
        "Take a code of the contract's list as it is written there, capitals included.",
    ),
    "R302": (
        "The code was not valid on the effective date.",
        "Take a code that is valid on the effective date, or mend that date.",
    ),
    "R303": (
        "Two dates of the row are in the wrong order.",
        "Compare the date named with the others of the row; look for day and month the wrong way round.",
    ),
    "R304": (
        "The date is in the future.",
        "Mend the date; check the clock and time zone of the machine that exported.",
    ),
    "R305": (
        "A required cell is empty, or lacks what another cell demands.",
        "Fill the cell named.",
    ),
    "R306": (
        "The format is not that of the column.",
        "Compare the cell named with the example in the template: length, digits, letters, signs.",
    ),
    "R307": (
        "The number was turned into scientific notation by a spreadsheet.",
        "Format the column as Text, then enter the numbers again from their source: the last digits are lost.",
    ),
    "R308": (
        "The number ends with .0, added by a spreadsheet.",
        "Format the column as Text, take .0 off each cell and save again.",
    ),
    "R309": (
        "A day number of a spreadsheet stands where a date is expected.",
        "Format Cells > Custom: yyyy-mm-dd, then save as CSV again.",
    ),
    "R310": (
        "TRUE or FALSE stands where 1 or 0 is expected.",
        "Find and Replace (Ctrl+H): TRUE by 1, FALSE by 0.",
    ),
    "R311": (
        "The date is not in the declared form.",
        "Write YYYY-MM-DD (Format Cells > Custom), or have DD/MM/YYYY declared for your mailbox.",
    ),
    "R312": (
        "The number has a decimal comma.",
        "Format the column as Text, then replace (Ctrl+H) the comma by a point: 19.5.",
    ),
    "R313": (
        "The cell holds an error of a spreadsheet (#N/A, #REF!).",
        "Mend the formula, or put the value in its place (Paste Special > Values).",
    ),
    "R314": (
        "The number is out of bounds.",
        "Compare it with the minimum and maximum on the contract's page.",
    ),
    "R315": (
        "The cell must be empty beside the other cells of the row.",
        "Empty the cell named, or change the cell that forbids it.",
    ),
    "R401": (
        "The status does not follow from the previous one.",
        "Check the course of the referral; send a correction (notice status 1) if need be.",
    ),
    "R402": (
        "A higher version is already known: this one changes nothing.",
        "Nothing to do when files were sent in order; otherwise raise the version.",
    ),
    "R403": (
        "Two contents were sent under one version.",
        "Send the right content under a higher version.",
    ),
    "R404": (
        "The referral is not known to the hub.",
        "Check the reference; when it is right, the referral may still come.",
    ),
    "R406": (
        "A version of this reference is missing.",
        "Send the row that has the missing version number; when there never was one, nothing is to be done.",
    ),
    "R501": (
        "The birth date does not agree with the NISS.",
        "Compare both with the identity card; the number may be a relative's.",
    ),
    "R502": (
        "Two full-time contracts of one person overlap.",
        "The rows are kept. Check the start and end dates of both contracts.",
    ),
    "R503": (
        "The referral belongs to another person.",
        "Check that reference and NISS are of the same person.",
    ),
    "R504": (
        "The person follows a training during a full-time article 60 contract.",
        "Check the dates of the contract and of the training together; correct those that are not right.",
    ),
    "R505": (
        "The person's right has ended while the referral is on hold.",
        "Le Forem closes the referral or takes it up again; the CPAS corrects a wrong end of the right.",
    ),
    "R506": (
        "The time to register at Le Forem is over.",
        "Check the registration with the person; correct a wrong date of the grant or a missing exemption.",
    ),
    "R507": (
        "The answer was given after the event's deadline.",
        "Ask Le Forem whether a place is left; correct the date of the answer when it is not right.",
    ),
    "R508": (
        "The CPAS has confirmed more people than it has places.",
        "Take back a confirmation, or ask Le Forem for places.",
    ),
    "R509": (
        "The event that the CPAS answers is cancelled, unknown, or not for these people.",
        "Check the reference of the event; when it is cancelled, tell the person.",
    ),
    "R601": (
        "A NISS stands in a column that must not name anybody.",
        "A NISS goes in the column made for it only; put a code or reference here that holds none.",
    ),
}

# phrases of shapes: regular expression -> replacement
PHRASES: dict[str, str] = {}
