"""A sentence to the smallest span around it that can be understood alone and answers the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.answering.question.kinds import kind_found, points_at_reason
from rag.answering.quotes.lists import (
    best_row,
    has_list_behind,
    introduces_list,
    is_table_row,
    joined,
    list_of,
    same_run,
)
from rag.answering.quotes.neighbours import is_unfinished, opens_with_reference, points_back
from rag.answering.selection.stance import is_of_other_stance
from rag.text.annotations import facts
from rag.text.tokens import says_more

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rag.answering.selection.ranking import Ranked, Ranking
    from rag.text.annotations import Facts

__all__ = ["Growing"]

# words that can be read at a glance; the first quote should have at most 45 on average
_MAX_WORDS = 56
# a quotation together with its speaker may be a little longer
_MAX_LEAD_WORDS = 16
# a list with its lead-in may be longer, because a short one says nothing
_MAX_LIST_WORDS = 90
# and so may a whole list that is asked for
_MAX_WHOLE_LIST_WORDS = 120
# log odds by which a neighbour may be below the best sentence and still be shown with it; with 3.5, quotes are 3 words
# longer, the first is right 0.005 more often, and the evidence within 50 words 0.02 less often (788 training questions)
_NEIGHBOUR_GAP = 2.5
# the same for the reader's scores, if the reader finds that both answer; 2, 3, 4 and 5 are right equally often on 99
# questions about one blog and 200 about five, and show up to 0.4 words fewer than no such limit
_READER_GAP = 3.0
# the same for a sentence that begins with "They ..." or "This ..."
_PRONOUN_GAP = 7.0
# how many sentences away the sentence with the answer may be
_REACH = 2
# lines above a sentence that belong to it
_MAX_HEADINGS = 2
# most words of a value that needs its label, and of a label
_MAX_VALUE_WORDS, _MAX_LABEL_WORDS = 6, 3
# an answer to a question that is the heading above it
_MAX_REPLY_WORDS = 12


class Growing:
    """The smallest span around a sentence that can be understood alone, grown sentence by sentence.

    ``scored`` are the ranked sentences, by post id and place.
    """

    def __init__(self, ranking: Ranking, one: Ranked, scored: Mapping[tuple[str, int], Ranked]) -> None:
        self._rows = ranking.sentences[one.post_id]
        self._text = ranking.bodies[one.post_id].text
        self._query = ranking.query
        self._listing = ranking.query.asked_for in ("list", "how", "why", "definition", "what")
        self._one = one
        self._scored = scored
        self._log_odds = ranking.log_odds
        self.first = self.last = one.place

    def grow(self) -> tuple[int, int]:
        """First and last sentence of the span."""
        self._begin_where_it_is_understood()
        self._finish_what_points_on()
        self._take_good_neighbours()
        self._reach_what_is_asked()
        self._keep_with_lead_in()
        self._take_whole_list()
        self._keep_with_header()
        self._keep_with_label()
        self._end_whole()
        return self.first, self.last

    def _end_whole(self) -> None:
        """Never end with the line that introduces a list: add the list or its beginning, or leave both out."""
        if not self._leads_on():
            return
        self._finish_what_points_on()
        if self._leads_on() and self.last > self._one.place:
            self.last -= 1
        elif self._leads_on():
            self.first = self.last
            self._finish_what_points_on()
            if self._leads_on() and self._rows[self.last + 1].kind in ("item", "sentence"):
                self.last += 1  # an item longer than what is usually shown of a list

    def _leads_on(self) -> bool:
        return self._read(self.last).ends_with_colon and introduces_list(self._rows, self.last)

    def _begin_where_it_is_understood(self) -> None:
        rows, first = self._rows, self.first
        opening = self._text[rows[first].start : rows[first].start + 1]
        lead = rows[first].lead_in
        if 0 <= lead < first and rows[lead].kind != "heading" and self._may(lead, self.last, _MAX_WORDS):
            self.first = lead
        elif (
            (opening.islower() or self._points_back(first))
            and joined(rows, first - 1, first, opening)
            and self._may(first - 1, self.last, _MAX_WORDS)
        ):
            self.first = first - 1
            if self._query.asked_for == "why" and points_at_reason(self._words_of(first)):
                self._go_on_back()
        elif self._points_back(first):
            self._begin_at_heading()

    def _go_on_back(self) -> None:
        """Begin one sentence earlier if the one before a "that is why" begins with "This ..." itself."""
        rows, first = self._rows, self.first
        here = self._words_of(first)
        if (
            self._points_back(first)
            and joined(rows, first - 1, first, here[:1])
            and self._may(first - 1, self.last, _MAX_WORDS + _MAX_LEAD_WORDS)
        ):
            self.first = first - 1

    def _begin_at_heading(self) -> None:
        """Begin at the lines above a sentence that calls them "This ...": a name and its value, each on a line."""
        rows, over = self._rows, self.first
        while over > 0 and rows[over - 1].kind == "heading" and self.first - over < _MAX_HEADINGS:
            over -= 1
        if len(self._text[rows[over].start : rows[self.last].end].split()) <= _MAX_WORDS:
            self.first = over

    def _points_back(self, place: int) -> bool:
        """Whether only the previous sentence says what this is about."""
        return points_back(self._query, self._words_of(place), self._words_of(place - 1) if place else "")

    def _finish_what_points_on(self) -> None:
        rows = self._rows
        while self._is_unfinished() and self.last + 1 < len(rows):
            if rows[self.last + 1].kind == "item" and is_table_row(self._words_of(self.last + 1)):
                self._finish_with_row()
                break
            if rows[self.last + 1].kind == "item" and self._listing:
                stop = self.last + 1
                while self._may(self.first, stop + 1, _MAX_LIST_WORDS) and rows[stop + 1].kind == "item":
                    stop += 1
                self.last = stop
            elif self._may(self.first, self.last + 1, _MAX_LIST_WORDS):
                self.last += 1
            elif rows[self.last + 1].kind == "heading" and self._read(self.last).ends_with_colon:
                self._finish_with_headings()
                break
            else:
                break

    def _finish_with_headings(self) -> None:
        """End a span with the items it introduces (each a line and the text below it) as far as there is room."""
        rows, stop = self._rows, self.last
        while (
            stop + 1 < len(rows)
            and rows[stop + 1].kind != "chrome"
            and len(self._text[rows[self.first].start : rows[stop + 1].end].split()) <= _MAX_LIST_WORDS
        ):
            stop += 1
        while rows[stop].kind == "heading" and stop > self.last:
            stop -= 1  # a line alone says nothing
        if sum(row.kind == "heading" for row in rows[self.last + 1 : stop + 1]) > 1:  # one is the heading of a section
            self.last = stop

    def _is_unfinished(self) -> bool:
        """Whether the span's last sentence needs the next."""
        listed = self._listing and has_list_behind(self._text, self._rows, self.last)
        return listed or is_unfinished(self._text, self._rows, self.last)

    def _finish_with_row(self) -> None:
        """End a span that introduces a table with the row that has most of the question's words."""
        stop, holds = best_row(self._text, self._rows, self.last + 1, self._query.stems)
        while stop > self.last and not self._may(self.first, stop, _MAX_LIST_WORDS):
            if holds:
                self.first = self.last = stop  # too far down: the row alone, which is shown with its header
                return
            stop -= 1
        self.last = max(self.last, stop)

    def _take_good_neighbours(self) -> None:
        while around := [
            (self._scored[self._one.post_id, place].score, place)
            for place, low, high in (
                (self.first - 1, self.first - 1, self.last),
                (self.last + 1, self.first, self.last + 1),
            )
            if self._is_good(place)
            and same_run(self._rows, place, self._one.place)
            and self._may(low, high, _MAX_WORDS)
        ]:
            place = max(around)[1]
            self.first, self.last = min(self.first, place), max(self.last, place)

    def _reach_what_is_asked(self) -> None:
        """Extend the span to the sentence with the answer, if it only names the subject or repeats the question."""
        if self._says(self.first, self.last):
            return
        rows = self._rows
        for stop in range(self.last + 1, self.last + 1 + _REACH):
            if not self._may(self.first, stop, _MAX_WORDS) or rows[stop].paragraph != rows[self.last].paragraph:
                return
            here = self._words_of(stop)
            goes_on = opens_with_reference(here)
            if goes_on and self._says(stop, stop):
                self.last = stop
                return

    def _says(self, low: int, high: int) -> bool:
        """Whether a span contains the kind of thing asked for, and more than the question's own words."""
        text = self._text[self._rows[low].start : self._rows[high].end]
        return says_more(text, self._query.every_stem) and kind_found(self._query, facts(text))

    def _keep_with_lead_in(self) -> None:
        lead = self._rows[self.first].lead_in
        most = _MAX_WORDS + _MAX_LEAD_WORDS
        if 0 <= lead < self.first and self._rows[lead].kind == "sentence" and self._may(lead, self.last, most):
            self.first = lead

    def _take_whole_list(self) -> None:
        """Add the rest of a list that is shown in part, if a list is asked for and it is not too long."""
        places = [place for place in range(self.first, self.last + 1) if self._rows[place].kind == "item"]
        if self._query.asked_for != "list" or not places:
            return
        group = list_of(self._rows, places[0])
        lead = self._rows[places[0]].lead_in
        leads = 0 <= lead < self.first and self._rows[lead].kind == "sentence"
        low, high = min(self.first, lead if leads else group[0]), max(self.last, group[-1])
        if self._may(low, high, _MAX_WHOLE_LIST_WORDS):
            self.first, self.last = low, high

    def _keep_with_header(self) -> None:
        """Begin a span that starts with a row of a table at the table's header, if the two are close."""
        if self._rows[self.first].kind != "item" or not is_table_row(self._words_of(self.first)):
            return
        header = list_of(self._rows, self.first)[0]
        if self._may(header, self.last, _MAX_WORDS):
            self.first = header

    def _keep_with_label(self) -> None:
        """Include the label above a value, and the question above a short reply."""
        rows, label = self._rows, self.first - 1
        if label < 0 or (rows[self.first].marker_start >= 0 and rows[label].kind == "item"):
            return
        length = len(self._text[rows[self.first].start : rows[self.last].end].split())
        above = self._words_of(label)
        if rows[label].kind == "heading":
            if length <= (_MAX_REPLY_WORDS if facts(above).is_question else _MAX_VALUE_WORDS):
                self.first = label
        elif (
            rows[label].kind == rows[self.first].kind == "item"
            and rows[label].marker_start < 0
            and not is_table_row(above)
            and len(above.split()) <= _MAX_LABEL_WORDS
            and above[-1:].isalpha()
            and length <= _MAX_REPLY_WORDS
            and any(sign.isdigit() for sign in self._words_of(self.first))
            and not any(sign.isdigit() for sign in above)
        ):
            self.first = label

    def _is_good(self, place: int) -> bool:
        """Whether a neighbour scores near the best sentence, or the reader finds that it answers nearly as well.

        One that begins with "They" may score lower.
        """
        neighbour = self._scored.get((self._one.post_id, place))
        if neighbour is None or is_of_other_stance(self._query.text, self._text, self._rows, place):
            return False
        if self._log_odds is not None:
            found = self._log_odds[neighbour.row]
            if found > max(0.0, self._log_odds[self._one.row] - _READER_GAP):
                return True
        goes_on = place > self._one.place and self._read(place).opens_with_pronoun
        return neighbour.score > self._one.score - (_PRONOUN_GAP if goes_on else _NEIGHBOUR_GAP)

    def _may(self, low: int, high: int, most: int) -> bool:
        """Whether a span contains only text of the post, and no more than this many words."""
        rows = self._rows
        return (
            low >= 0
            and high < len(rows)
            and all(rows[i].kind in ("sentence", "item") for i in range(low, high + 1))
            and len(self._text[rows[low].start : rows[high].end].split()) <= most
        )

    def _words_of(self, place: int) -> str:
        return self._text[self._rows[place].start : self._rows[place].end]

    def _read(self, place: int) -> Facts:
        return facts(self._words_of(place))
