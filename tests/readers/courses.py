"""Rubrics built by hand for the tests of reading: the ids of two assignments, in our own words."""

from __future__ import annotations

from grader.model import Check, Question, Rubric


def check(field: str, *names: str) -> Check:
    return Check(kind="text", field=field, points=1, options={}, names=names)


def question(id_: str, title: str, prompt: str, *checks: Check, printed: tuple[str, ...] = ()):
    return Question(id_, title, prompt, float(len(checks)), checks, printed=printed)


def rubric(*questions: Question) -> Rubric:
    return Rubric("test", "A test", questions, "test.yaml", "")


VERDICT = check("verdict"), check("reason")

MIDTERM = rubric(
    question(
        "q1.a",
        "ReLU and vanishing gradients",
        "True or false, and why: ReLU units make the gradient vanish.",
        *VERDICT,
        printed=("activation ReLU can lead to the vanishing gradient problem",),
    ),
    question(
        "q1.b",
        "Test accuracy below chance",
        "True or false, and why: a binary classifier that reaches 20 % on the test set overfits.",
        *VERDICT,
        printed=("training a network for binary classification, very low test accuracy",),
    ),
    question(
        "q1.c",
        "Batch normalisation and dropout",
        "True or false, and why: batch normalisation is a kind of dropout.",
        *VERDICT,
        printed=("batch normalization is another way of dropout",),
    ),
    question(
        "q1.d",
        "What a discriminator tells apart",
        "True or false, and why: in a GAN that makes pictures of faces, the discriminator tells "
        "faces from other things.",
        *VERDICT,
        printed=("images of human faces", "discriminator classifies images as face"),
    ),
    question(
        "q2.a",
        "Cross-entropy of one sample",
        "Compute the cross-entropy H(y, ŷ) of y = (1, 0, 0) and ŷ = (0.1, 0.4, 0.5).",
        check("value", r"H(y, \hat{y})", "H"),
    ),
    question(
        "q2.b",
        "Is cross-entropy symmetric?",
        "Is the cross-entropy the same when y and ŷ change places? Say why.",
        *VERDICT,
        printed=("cross-entropy symmetric, reverse",),
    ),
    question(
        "q2.c",
        "A better estimate",
        "Compute H(y, ŷ') for the better estimate ŷ' = (0.6, 0.3, 0.1).",
        check("value", r"H(y, \hat{y}')"),
    ),
    question(
        "q2.d",
        "A predicted zero",
        "What becomes of the categorical cross-entropy if a value of the estimate is zero, and "
        "can this happen?",
        check("text"),
        printed=("what would happen to the loss if a value in the estimated label were zero",),
    ),
    question(
        "q3",
        "More data against a high training loss",
        "A network is trained on 50 samples; it converges with a very high training loss. Is it a "
        "correct approach to train on 50,000 samples instead? If not, suggest a solution.",
        check("verdict"),
        check("text"),
    ),
    question(
        "q4.a",
        "Training accuracy and the size of the data",
        "Does the accuracy on the training data improve with more training data? When do training "
        "and testing accuracy become similar?",
        check("text"),
    ),
    question(
        "q4.b",
        "Regularisation and accuracy",
        "What does a larger regularisation parameter do to training and testing accuracy, and "
        "when do they become similar?",
        check("text"),
    ),
    question(
        "q5",
        "Parameters of the VGG network",
        "Give the number of parameters of each convolutional and fully connected layer of the VGG "
        "network, column D.",
        check("table"),
        printed=(
            "ConvNet configuration, columns A, A-LRN, B, C, D, E",
            "11 weight layers 13 weight layers 16 weight layers 19 weight layers",
            "conv3-64 maxpool conv3-128 maxpool conv3-256 maxpool conv3-512 maxpool",
            "FC-4096 FC-1000 soft-max",
            "input 224 x 224 RGB image",
        ),
    ),
    question(
        "q6",
        "A quadratic form",
        "Write f(x1, x2) = (1 - x1)^2 + 100 (x2 - x1^2) as x^T A x + x^T B + c with a symmetric "
        "matrix A, a vector B and a constant c.",
        check("A"),
        check("B"),
        check("c"),
    ),
    question(
        "q7",
        "Gradient of the logistic loss",
        "A network with one output for binary classification has z = Wx + b, a = σ(z), ŷ = a and "
        "the cross-entropy loss L. Derive the gradient of L with respect to W.",
        check("formula", "dL/dW", r"\frac{\partial L}{\partial W}", r"\nabla_W L", "grad_W"),
        printed=("single hidden-layer neural network, forward propagation equations",),
    ),
)

HOMEWORK = rubric(
    question("p1.1", "Gradients", "State the objective and its gradients.",
             check("objective", "J"), check("hidden_output"), check("input_hidden")),
    question("p1.2", "Likelihood", "Show that it is the negative log-likelihood.", check("text")),
    question("p2.1", "One cell", "Choose the functions of the network.",
             check("f11", "f_{11}(x_1)"), check("f12", "f_{12}(x_2)"), check("g")),
    question("p2.2", "Two cells", "Add a layer.", check("z1"), check("z2")),
    question("p2.3", "Symmetry", "Explain the regularity and draw the next picture.",
             check("symmetry"), check("picture")),
    question("p3.1", "Gradients of the pair", "Find both gradients.",
             check("grad_W", r"\nabla_W J", "dJ/dW"), check("grad_b", r"\nabla_b J", "dJ/db")),
    question("p3.2", "Updates", "Write the updates.", check("W"), check("b")),
    question("p3.3", "Counting", "How many parameters are there?", check("value")),
)  # fmt: skip
