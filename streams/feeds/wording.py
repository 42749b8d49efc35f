"""The words by which page furniture is known: data of `clean`, no logic. Pure.

Each pattern names what it marks `mark`, except `LINE` and `LIST_HEADING`, which are matched against whole lines.
"""

from __future__ import annotations

import re

# A new sentence or line begins here; what stands before it is not part of the mark.
# Runs of white space are bounded everywhere: unbounded, they would be tried again from each of their characters.
_START = r"(?:\A|\n|[.!?…”\"’)\]*]\s{1,9}+)\s{0,9}+"
_REST = r"(?:(?![.!?][\"”’)]*\s+[\"“‘(]?[A-Z]).)*"
"""The rest of a line that holds one sentence at most."""
_SENTENCE_REST = r"(?:[^.!?\n]|\.(?=\w))*[.!?*]*"
_NETWORK = (
    r"(?:Facebook|Twitter|X|Instagram|LinkedIn|WhatsApp|Telegram|YouTube|TikTok|Threads|Bluesky|Mastodon|Google\s+News|"
    r"Reddit|Pinterest|Flipboard|Messenger|Signal|Viber|VK)"
)
_STORIES = r"(?:stor(?:y|ies)|articles?|posts?|news|coverage|content|reading|links?|topics?|videos?|items?)"

# In capitals these stand for themselves; otherwise they need the colon, since prose uses the same words.
_CAPITALS = rf"READ(?:\s+(?:MORE|ALSO|NEXT))?|ALSO\s+READ|SEE\s+ALSO|MUST\s+READ|RELATED(?:\s+{_STORIES.upper()})?"
_WORDS = (
    rf"read(?:\s+(?:more|also|next|this|on))?|also\s+read|see\s+also|related(?:\s+{_STORIES})?|recommended|"
    r"watch(?:\s+(?:also|live|now|more))?|listen|don['’]t\s+miss|must[\s-]read|more\s+on\s+this(?:\s+story)?|"
    r"lesen\s+sie\s+(?:auch|mehr)|lies\s+auch|mehr\s+zum\s+thema|mehr\s+dazu|(?:à\s+)?lire\s+(?:aussi|également)|"
    r"lea\s+(?:también|más)|lee\s+también|te\s+puede\s+interesar|leggi\s+anche|leia\s+(?:também|mais)|lees\s+ook|"
    r"läs\s+(?:också|även|mer)|les\s+også|læs\s+også|lue\s+myös|czytaj\s+(?:też|także|również)|čtěte\s+také|"
    r"olvassa\s+el|ayrıca\s+okuyun|baca\s+juga|читайте\s+(?:также|ещё|еще)|читайте\s+також|прочетете\s+още|"
    r"διαβάστε\s+(?:επίσης|ακόμα)|اقرأ\s+أيضا[ًّ]?"
)
INSET = re.compile(
    rf"(?:{_START}(?P<mark>(?:{_CAPITALS})(?:\s*[:|–—-]\s*|\s+(?=[\"“‘'(]?[^\W\d_a-z]|\d))|(?i:{_WORDS})\s*[:：|]\s*))"
)
"""A pointer to another article; its headline follows."""

BARE_INSET = re.compile(r"(?<=[\w,;])\s+(?P<mark>(?:READ\s+(?:MORE|ALSO)|ALSO\s+READ|SEE\s+ALSO)\s*:\s*)")
"""The same in mid-line after text that ends without a stop, such as a caption: then only capitals with the colon."""

_LIST = (
    rf"more\s+(?:from|by)\s+[^.!?]{{2,60}}|more\s+(?:on|about)\s+this(?:\s+(?:story|topic))?|more\s+{_STORIES}|"
    rf"related(?:\s+{_STORIES})?|recommended(?:\s+(?:for\s+you|{_STORIES}))?|you\s+(?:may|might)\s+also\s+(?:like|enjoy|"
    rf"be\s+interested\s+in)|most\s+(?:read|popular|viewed|shared)|trending(?:\s+now)?|latest\s+(?:headlines|{_STORIES})|"
    rf"top\s+stories|read\s+next|up\s+next|also\s+(?:read|in\s+the\s+news)|see\s+also|editor['’]?s['’]?\s+picks?|"
    r"mehr\s+zum\s+thema|lesen\s+sie\s+auch|das\s+könnte\s+sie\s+auch\s+interessieren|(?:à\s+)?lire\s+aussi|"
    r"sur\s+le\s+même\s+sujet|te\s+puede\s+interesar|noticias\s+relacionadas|artículos\s+relacionados|leia\s+também|"
    r"leggi\s+anche|lees\s+ook|читайте\s+(?:также|також)|по\s+теме|czytaj\s+także"
)
LIST_HEADING = re.compile(rf"(?:{_LIST})\s*[:：>»]?", re.IGNORECASE)
"""The heading of a list of other articles."""

LINE = re.compile(
    rf"(?:{_LIST})\s*[:：>»]?"
    # pointers, with or without the headline
    rf"|(?:read\s+(?:more|also|next)|also\s+read|see\s+also|continue\s+reading|keep\s+reading)\b{_REST}"
    r"|(?:read\s+)?(?:the\s+)?full\s+(?:story|article)(?:\s+(?:here|on\s+.{1,40}))?[:.…>»]*"
    r"|(?:previous|next)\s+(?:article|post|story)\b.{0,160}|click\s+here.{0,120}|weiterlesen.{0,5}|leer\s+más.{0,5}"
    # advertising
    r"|(?:advertisements?|sponsored(?:\s+content)?|promoted(?:\s+content)?|anzeige|publicidad|publicité|реклама)[:.]?"
    r"|(?:story|article)\s+continues\s+(?:below|after).{0,60}"
    # sharing and counters
    rf"|(?=.*[a-z])(?:(?:share|tweet|pin|e?-?mail|print|copy\s+link|save|comments?|like|post|{_NETWORK}|"
    r"on|this|via|(?:article|story|page)|\d[\d.,]*[km]?)\b\W*){1,14}"
    r"|\d[\d.,]*\s*[km]?\s+(?:shares?|views?|comments?|likes?|reads?|retweets?)\W*"
    # the author's box
    r"|written\s+by\s*:?|(?:view|see|read)\s+(?:all|more)\s+(?:posts|articles|stories)\s+(?:by|from)\s+.{2,60}"
    r"|about\s+the\s+authors?:?"
    # the page
    r"|skip\s+to\s+(?:main\s+)?content|back\s+to\s+top|print\s+this\s+(?:page|article)"
    r"|(?:tags?|filed\s+under|posted\s+in)\s*:.{0,200}"
    r"|(?:post|add|write|leave)\s+a\s+(?:comment|reply).{0,40}|(?:no|\d+)\s+comments?(?:\s+yet)?"
    # rights
    r"|(?:©|\(c\)|copyright\s*(?:©|\(c\)|\d{4}|by\b)).{0,200}|.{0,120}\ball\s+rights\s+reserved\b.{0,80}",
    re.IGNORECASE,
)
"""A line that is furniture from end to end."""

SENTENCE = re.compile(
    rf"{_START}(?P<mark>(?:"
    r"(?:Please\s+)?(?:Sign\s+up|Subscribe|Register)\b(?:[^.!?\n]|\.(?=\w)){0,160}"
    r"\b(?i:newsletters?|briefings?|e-?mail\s+alerts?|updates|inbox|channel|mailing\s+list|podcast)\b"
    r"|(?:Get|Receive)\s+(?:the|our|all|more)\b(?:[^.!?\n]|\.(?=\w)){0,120}"
    r"\b(?:newsletter|(?:to|in|into)\s+your\s+inbox|(?:to|on)\s+your\s+phone)\b"
    rf"|(?:You\s+can\s+(?:also\s+)?f|F)ollow\s+(?:us|me|him|her|them|@?\w+(?:\s+[A-Z]\w+){{0,3}})\s+(?:\(@\w+\)\s+)?on\s+"
    rf"{_NETWORK}\b"
    rf"|(?:Like|Find|Join|Contact)\s+us\s+on\s+{_NETWORK}\b|Join\s+our\s+(?:[A-Z]\w+\s+)?(?:channel|group|community)\b"
    r"|Download\s+(?:our|the)\b(?:[^.!?\n]){0,60}\bapp\b"
    r"|Click\s+here\s+(?:to|for)\b"
    r"|(?:This|Our)\s+(?:web)?site\s+uses\s+(?:cookies|Akismet)\b|We\s+use\s+cookies\b"
    r"|By\s+(?:continuing|clicking|subscribing|signing\s+up)\b[^.!?\n]{0,120}\b(?:cookies|terms|privacy)\b"
    rf"|Share\s+(?:this\s+(?:article|story|post|page)|(?:it\s+)?on\s+{_NETWORK})\b"
    r"|(?:©|\([cC]\)|Copyright\b)\s*(?:©|\([cC]\))?\s*(?:by\s+)?(?:[A-Z][\w.&-]*,?\s+){0,5}(?:19|20)\d\d\b"
    r"|All\s+rights\s+reserved\b|Alle\s+Rechte\s+vorbehalten\b|Tous\s+droits\s+réservés\b"
    r"|Tod[oa]s\s+(?:los|os)\s+(?:derechos|direitos)\s+reservados\b|Tutti\s+i\s+diritti\s+(?:sono\s+)?riservati\b"
    r"|Все\s+права\s+защищены\b"
    r"|This\s+material\s+may\s+not\s+be\s+(?:published|reproduced)\b|No\s+part\s+of\s+this\s+(?:publication|article)\b"
    r"|Your\s+e-?mail\s+address\s+will\s+not\s+be\s+published\b|Required\s+fields\s+are\s+marked\b"
    r"|Save\s+my\s+name,\s+e-?mail"
    r"|The\s+post\s+[^\n]{1,300}?\s+(?:appeared\s+first|first\s+appeared)\s+on\s+"
    rf"){_SENTENCE_REST})"
)
"""A sentence to the reader of the page, in running text."""

_NAME = r"[A-Z][\w.’'-]*(?:\s+(?:[A-Z][\w.’'-]*|of|de|da|van|von|bin|al)){0,4}(?:\s*/\s*[A-Z][\w.’' -]{0,40})?"
_AGENCY = (
    r"(?:Getty|Reuters|REUTERS|AP|AFP|EPA|PA|TASS|Xinhua|Shutterstock|Alamy|iStock|Bloomberg|Supplied|Wikimedia|Flickr|"
    r"Twitter|Facebook|Instagram|YouTube|Screenshot|File)"
)
_PICTURE = r"(?:File\s+)?(?:[Pp]hotos?|[Ii]mages?|[Pp]ictures?|[Pp]hotographs?|[Ii]llustrations?)"
INLINE = (
    re.compile(
        rf"(?P<mark>[\[(]\s*{_PICTURE}(?:\s+credits?\s*:?|\s+by|\s+courtesy(?:\s+of)?|\s*[:/])\s*[^\])\n]{{2,60}}[\])])"
    ),
    re.compile(rf"(?P<mark>[\[(]\s*(?:Source|Credit|Via)s?\s*:\s*{_AGENCY}\b[^\])\n]{{0,40}}[\])])"),
    re.compile(rf"(?P<mark>[\[(]\s*(?:AP\s+Photo|{_AGENCY}(?:\s+Images)?)\s*/\s*[^\])\n]{{2,40}}[\])])"),
    re.compile(
        rf"{_START}(?P<mark>(?:[-–—]\s*)?{_PICTURE}(?:\s+credits?\s*:|\s+by|\s+courtesy(?:\s+of)?:?|\s*:)\s*{_NAME}"
        r"(?:(?<=\.)(?=\s|\Z)|\.(?=\s|\Z)|(?=[ \t]*(?:\n|\Z))))"
    ),
)
"""Credits of pictures, without their captions."""

COMMENT_FORM = re.compile(
    rf"(?:{_START}|(?<=More)\s+|(?<=Share)\s+|(?<=Comments)\s+)(?P<mark>(?:L(?i:eave)|P(?i:ost)|A(?i:dd)|W(?i:rite))\s+"
    r"(?i:a\s+(?:comment|reply))\b(?=\s*(?:\Z|\n|Your|You\s+must|Cancel|Logged|Name|Comment|Please|\())"
    r"|Your\s+e-?mail\s+address\s+will\s+not\s+be\s+published\b"
    r"|Hinterlassen?\s+(?:Sie\s+)?(?:einen?|eine)\s+(?:Kommentar|Antwort)|Schreiben?\s+(?:Sie\s+)?einen\s+Kommentar"
    r"|Deja\s+(?:una\s+respuesta|un\s+comentario)|Laisser\s+un\s+commentaire|Lascia\s+un\s+commento"
    r"|Deixe\s+(?:um\s+comentário|uma\s+resposta)|(?:Оставить|Добавить)\s+комментарий)"
)
"""From the comment form on, a page does not come back to the report."""

SMALL_PRINT = re.compile(
    r"Your\s+e-?mail\s+address\s+will\s+not\s+be\s+published|Required\s+fields\s+are\s+marked|Save\s+my\s+name,\s+e-?mail|"
    r"Deine\s+E-Mail-Adresse\s+wird\s+nicht\s+veröffentlicht|Tu\s+dirección\s+de\s+correo\s+electrónico\s+no\s+será|"
    r"Votre\s+adresse\s+e-?mail\s+ne\s+sera\s+pas|Il\s+tuo\s+indirizzo\s+e-?mail\s+non\s+sarà|"
    r"O\s+seu\s+endereço\s+de\s+e-?mail\s+não\s+será|Ваш\s+(?:адрес\s+)?e-?mail\s+не\s+будет",
    re.IGNORECASE,
)
"""What only a comment form says."""

TAIL_BOX = re.compile(
    rf"{_START}(?P<mark>Written\s+[Bb]y\b|More\s+(?:from|by)\s+[A-Z]|About\s+the\s+[Aa]uthors?\b|View\s+all\s+posts\s+by\b|"
    rf"Related\s+(?i:{_STORIES})\b|You\s+(?:may|might)\s+also\s+like\b|Recommended\s+(?i:for\s+you|{_STORIES})\b|"
    r"Share\s+this\b|Read\s+[Nn]ext\b|Most\s+(?:[Rr]ead|[Pp]opular)\b|Trending\b|Tags:|Previous\s+(?:[Aa]rticle|[Pp]ost)\b)"
)
"""What may stand before the comment form and belongs to the page as well."""

TAIL_TEASER = re.compile(
    rf"{_START}(?P<mark>(?:(?:Written\s+[Bb]y\s+)?More\s+(?:from|by)\s+[A-Z]|Related\s+(?i:{_STORIES})\b|"
    rf"You\s+(?:may|might)\s+also\s+like\b|Recommended\s+(?i:for\s+you|{_STORIES})\b)[^\0]{{0,1500}}"
    r"(?:Read\s+[Mm]ore|READ\s+MORE|\.\.\.|…)\W*)\Z"
)
"""A list of other articles that ends the page with a teaser cut off."""

WHOLE_SENTENCE = re.compile(r"[A-Z“\"][^.!?\n]{50,}[a-z0-9”\"][.!?](?=\s|\Z)")
