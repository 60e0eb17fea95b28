"""Which words call for which gesture.

The classes are those of the clips at hand; the idea is the non-verbal behaviour generator's.
Source: J. Lee and S. Marsella, "Nonverbal Behavior Generator for Embodied Conversational Agents",
IVA 2006 (affirmation, negation, inclusivity, contrast, deixis, listing).
"""

_WORDS: dict[str, str] = {
    "you": "you your yours yourself yourselves thou thee thy ye",
    "me": "i me my mine myself",
    "we": "we us our ours ourselves together",
    "no": "no not never none nothing nobody nowhere neither nor cannot nope without hardly "
    "impossible deny refuse",
    "all": "all every everything everybody everyone whole always entire full world",
    "think": "think thought know knew believe wonder remember mind idea dream understand",
    "here": "here this now these present",
    "left": "there that those yonder away far left",
    "right": "right beyond across another other",
    "count": "one two three four five six seven eight nine ten eleven twelve twenty thirty forty "
    "fifty sixty seventy eighty ninety hundred thousand million dozen half both twice once several "
    "first second third",
    "question": "what why how who whom whose which when where whether",
    "maybe": "maybe perhaps or if possibly somehow doubt seems seemed",
    "plea": "please must should could would pray want need",
    "stop": "stop enough but yet however wait until",
    "beat_high": "very great large much many lots plenty most more huge so such strong",
    "beat_low": "few little small tiny less least slight slightly bit",
}
_MEANING_OF_WORD: dict[str, str] = {
    word: meaning for meaning, words in _WORDS.items() for word in words.split()
}
_NOT = "n't"


def meaning_of(word: str) -> str:
    """The gesture class of a word, or nothing: `wouldn't` negates, `who's` asks."""
    word = word.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if word.endswith(_NOT):
        return "no"
    return _MEANING_OF_WORD.get(word.partition("'")[0], "")
