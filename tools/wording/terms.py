"""Words that VerteRead does not use, each with the term that it uses instead.

The list holds only what is unambiguous: a word that has a proper meaning somewhere (a *look-up*
table, a *cut* through an image) is left to reviewers.
"""

from __future__ import annotations

# Regular expressions, matched without regard to case in text that people read.
PHRASES: dict[str, str] = {
    # Not matched: the route of 0.1.0.
    r"(?<![./])\bdeal(t|ing)?\b(?! with)": "assign, assignment",
    r"\b(first|second) pass(es)?\b": "period 1, period 2",
    r"\bsittings?\b": "reading session",
    r"\bg(ive|iven|iving|ave) back\b": "reopen a reading",
    r"\blists and lock\b": "lock the study",
    r"\blooks? before the lock\b": "interim look",
    r"\bheld (for a look|back)\b": "pending de-identification review",
    r"\bnames? (is|are )?in doubt\b": "level labelling uncertain",
    # As a name as well: of a style, a variable or a key. The JSON of `predict` keeps its two keys.
    r"\bdoubt(s|ed|ful)?\b|(?<![\"`])\b(level|view)_doubt(ed)?\b": (
        "uncertain, uncertainty; for a style, caution"
    ),
    r"\bnames? (up|down|one up|one down)\b": "relabel cranially, relabel caudally",
    r"\b(un)?sureness\b": "confidence",
    r"\broom before the aorta\b": "margin to the expected anterior aortic wall",
    r"\bcode books?\b": "codebook",
    r"\btrue grades?\b": "reference standard, reference grades",
    # Not matched: the column of the database.
    r"\bdata cuts?\b|(?<!db_column=\")\bdata_cut\b": "data snapshot, snapshot_at",
    r"\bsays? nothing\b": "non-estimable",
    r"\bleaves? (0|zero) out\b": "the interval excludes 0",
    r"\bfor their multitude\b": "adjustment for multiple comparisons",
    r"\breaders like these\b": "generalises to the reader population",
    r"\bno case is like this\b": "no cases match these filters",
    r"\b(whoever|somebody)\b": "name the person, or 'anyone', 'someone'",
    # In quotation marks it is the name of the account.
    r"(?<![`\"'])\bnobody\b(?![`\"'])": "no one",
    r"\bno more\b(?! (than|\w+ than|often))": "no longer",
    r"\bof (its|their|his) own\b": "its own X, a separate X",
    r"\ba row (a|an|per) (cell|reading|case|corner|image)\b": "one row per ...",
    r"\btake (out|back in)\b(?= (a |the )?member)": "deactivate, reactivate",
    r"\bblind until\b|\byou are blind\b": "masked until the study is locked",
}

# Whole names of variables, arguments, functions and modules.
NAMES: frozenset[str] = frozenset(
    {
        "asked",
        "chosen",
        "each",
        "found",
        "held",
        "here",
        "kept",
        "made",
        "nobody",
        "own",
        "place",
        "said",
        "somebody",
        "told",
        "what",
        "who",
    }
)
