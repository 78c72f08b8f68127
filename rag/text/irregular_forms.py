"""Irregular forms of English words, which stemmers miss: a word is not reported missing if one of its forms occurs.

Ranking does not use them: over 1,254 training questions they made no difference.
"""

from __future__ import annotations

__all__ = ["forms_of", "verb_forms_of"]

# The base form, then the others. Forms that are common words in their own right are left out (left, rose, saw, ground,
# bound, wound, lay, bore), and so are forms of function words.
_VERBS = """
    arise arose arisen; awake awoke awoken; bear borne; beat beaten; become became; begin began begun; bend bent;
    bite bit bitten; bleed bled; blow blew blown; break broke broken; breed bred; bring brought; build built;
    burn burnt; buy bought; catch caught; choose chose chosen; cling clung; come came; creep crept; deal dealt; dig dug;
    draw drew drawn; dream dreamt; drink drank drunk; drive drove driven; eat ate eaten; fall fell fallen; feed fed;
    feel felt; fight fought; find found; flee fled; fly flew flown; forbid forbade forbidden; forget forgot forgotten;
    forgive forgave forgiven; freeze froze frozen; give gave given; go goes went gone; grow grew grown; hang hung;
    hear heard; hide hid hidden; hold held; keep kept; kneel knelt; know knew known; lead led; lean leant; leap leapt;
    learn learnt; lend lent; light lit; lose lost; make made; mean meant; meet met; mistake mistook mistaken;
    overcome overcame; pay paid; prove proven; ride rode ridden; ring rang rung; run ran; say said; seek sought;
    sell sold; send sent; sew sewn; shake shook shaken; shine shone; shoot shot; show shown; shrink shrank shrunk;
    sing sang sung; sink sank sunk; sit sat; sleep slept; slide slid; speak spoke spoken; speed sped; spell spelt;
    spend spent; spill spilt; spin spun; spoil spoilt; spring sprang sprung; stand stood; steal stole stolen;
    stick stuck; sting stung; strike struck stricken; string strung; strive strove striven; swear swore sworn;
    sweep swept; swim swam swum; swing swung; take took taken; teach taught; tear tore torn; think thought;
    throw threw thrown; understand understood; wake woke woken; wear wore worn; weave wove woven; weep wept;
    win won; withdraw withdrew withdrawn; write wrote written
"""
_NOUNS = """
    child children; foot feet; goose geese; man men; mouse mice; tooth teeth; woman women; half halves; knife knives;
    leaf leaves; life lives; loaf loaves; self selves; shelf shelves; thief thieves; wife wives; wolf wolves;
    analysis analyses; basis bases; crisis crises; criterion criteria; phenomenon phenomena; thesis theses
"""


def _families(entries: str) -> dict[str, tuple[str, ...]]:
    return {form: tuple(entry.split()) for entry in entries.split(";") for form in entry.split()}


_OF_VERBS, _OF_NOUNS = _families(_VERBS), _families(_NOUNS)


def forms_of(word: str) -> tuple[str, ...]:
    """All forms of a lower-case word, itself included; for any other word, only the word itself.

    >>> forms_of("wrote")
    ('write', 'wrote', 'written')
    """
    return _OF_VERBS.get(word) or _OF_NOUNS.get(word, (word,))


def verb_forms_of(word: str) -> tuple[str, ...]:
    """The same, but only of a verb.

    >>> verb_forms_of("wrote"), verb_forms_of("women")
    (('write', 'wrote', 'written'), ('women',))
    """
    return _OF_VERBS.get(word, (word,))
