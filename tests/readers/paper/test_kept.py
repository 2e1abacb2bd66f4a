"""What is found out of a question is kept for that question, and for no other."""

from grader.model import Question
from grader.readers.paper.kept import per_question


def test_it_is_found_once_for_each_question():
    """Two questions that look alike are two questions: one may be mended while the other stands."""
    asked: list[str] = []

    @per_question
    def title(question: Question) -> str:
        asked.append(question.id)
        return question.title

    first = Question("q1", "A sum", "How much?", 1.0, ())
    alike = Question("q1", "A sum", "How much?", 1.0, ())
    other = Question("q2", "A product", "How much?", 1.0, ())
    found = [title(each) for each in (first, first, alike, other, first)]
    assert found == ["A sum", "A sum", "A sum", "A product", "A sum"]
    assert asked == ["q1", "q1", "q2"]
