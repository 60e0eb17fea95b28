"""Which words call for which gesture.

The classes are those of the clips at hand; the idea is the non-verbal behaviour generator's.
Source: J. Lee and S. Marsella, "Nonverbal Behavior Generator for Embodied Conversational Agents",
IVA 2006 (affirmation, negation, inclusivity, contrast, deixis, listing).
"""

_WORDS: dict[str, str] = {
    "you": "you your yours yourself thou thee thy",
    "me": "i me my mine myself i'm i've i'll i'd",
    "we": "we us our ours ourselves together",
    "no": "no not never none nothing nobody neither nor cannot can't don't didn't won't isn't",
    "all": "all every everything everybody everyone whole always entire full world",
    "think": "think thought know knew believe wonder remember mind idea dream understand",
    "here": "here this now these present",
    "left": "there that those yonder away far left",
    "right": "right beyond across another other",
    "count": "one two three four five six seven eight nine ten first second third hundred thousand",
    "maybe": "maybe perhaps or if possibly somehow doubt seems seemed",
    "plea": "please why what how must should could would pray want need",
    "stop": "stop enough but yet however wait until",
    "beat_high": "very great large much most more huge so such strong",
}
MEANING_OF_WORD: dict[str, str] = {
    word: meaning for meaning, words in _WORDS.items() for word in words.split()
}
