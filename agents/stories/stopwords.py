"""Function words of English, which say nothing about a story.

Other languages' are found by how many stories share them.
"""

from __future__ import annotations

STOPWORDS = frozenset(
    """
    a about above after again against ago all almost along already also although always am among an and another
    any are aren around as at away back be became because become been before began behind being below between
    both but by call called came can cannot come could couldn day days did didn do does doesn doing don done
    down during each either else end even ever every few first for former found friday from further gave get
    gets give given go goes going gone got had has hasn have haven having he held her here hers herself him
    himself his how however if in including into is isn it its itself just keep know known last late later least
    less let like likely made make makes many may me might monday more most much must my near need never new
    next no nor not nothing now of off often old on once one only onto or other others our out over own part per
    put quite rather really report reported reports said same saturday saw say saying says see seen set several
    shall she should show since so some still such sunday take taken tell than that the their theirs them
    themselves then there these they thing things this those though three through thursday thus till time to
    today told too took toward towards tuesday two under until up upon us use used very via want wants was wasn
    way we wednesday week well went were weren what whatever when where whether which while who whole whom whose
    why will with within without won would wouldn year years yes yet you your yours
    """.split()  # noqa: SIM905 -- a list of literals would be ten times as long to read
)
