"""The planar notebook as the tests build it: blank, filled in, and with things done to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

SET_UP = """
# Packages
import numpy as np
import matplotlib.pyplot as plt
from testCases import *
import sklearn
import sklearn.datasets
import sklearn.linear_model
from planar_utils import plot_decision_boundary, sigmoid, load_planar_dataset, load_extra_datasets

%matplotlib inline

np.random.seed(1)  # the same numbers each time
"""

DATA = """
X, Y = load_planar_dataset()
plt.scatter(X[0, :], X[1, :], c=Y.ravel(), s=40, cmap=plt.cm.Spectral);
### START CODE HERE ### (≈ 3 lines of code)
shape_X = X.shape
shape_Y = Y.shape
m = X.shape[1]
### END CODE HERE ###
print("X is", shape_X, "and Y is", shape_Y, "with m =", m)
"""

BASELINE = """
clf = sklearn.linear_model.LogisticRegressionCV()
clf.fit(X.T, Y.T.ravel())
plot_decision_boundary(lambda x: clf.predict(x), X, Y)
print(float((np.dot(Y, clf.predict(X.T)))[0] / Y.size * 100))
"""

LAYER_SIZES = '''
def layer_sizes(X, Y):
    """How many units each layer has."""
    ### START CODE HERE ### (≈ 3 lines of code)
    n_x = X.shape[0]  # input
    n_h = 4
    n_y = Y.shape[0]  # output
    ### END CODE HERE ###
    return (n_x, n_h, n_y)
'''

INITIALIZE = '''
def initialize_parameters(n_x, n_h, n_y):
    """Small random weights, no biases."""
    np.random.seed(2)
    ### START CODE HERE ### (≈ 4 lines of code)
    W1 = np.random.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = np.random.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    ### END CODE HERE ###
    assert W1.shape == (n_h, n_x)
    assert b1.shape == (n_h, 1)
    parameters = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    return parameters
'''

FORWARD = '''
def forward_propagation(X, parameters):
    """From the points to the probabilities."""
    ### START CODE HERE ### (≈ 4 lines of code)
    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    ### END CODE HERE ###
    ### START CODE HERE ### (≈ 4 lines of code)
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    ### END CODE HERE ###
    assert A2.shape == (1, X.shape[1])
    cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    return A2, cache
'''

COST = '''
def compute_cost(A2, Y, parameters):
    """The cross-entropy."""
    m = Y.shape[1]  # samples
    ### START CODE HERE ### (≈ 2 lines of code)
    logprobs = Y * np.log(A2) + (1 - Y) * np.log(1 - A2)
    cost = -np.sum(logprobs) / m
    ### END CODE HERE ###
    cost = np.squeeze(cost)
    assert isinstance(cost, float)
    return cost
'''

BACKWARD = '''
def backward_propagation(parameters, cache, X, Y):
    """The gradients of the cost."""
    m = X.shape[1]
    ### START CODE HERE ### (≈ 2 lines of code)
    W1 = parameters["W1"]
    W2 = parameters["W2"]
    ### END CODE HERE ###
    ### START CODE HERE ### (≈ 2 lines of code)
    A1 = cache["A1"]
    A2 = cache["A2"]
    ### END CODE HERE ###
    ### START CODE HERE ### (≈ 6 lines of code)
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    ### END CODE HERE ###
    grads = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
    return grads
'''

UPDATE = '''
def update_parameters(parameters, grads, learning_rate=1.2):
    """One step downhill."""
    ### START CODE HERE ### (≈ 4 lines of code)
    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    ### END CODE HERE ###
    ### START CODE HERE ### (≈ 4 lines of code)
    dW1 = grads["dW1"]
    db1 = grads["db1"]
    dW2 = grads["dW2"]
    db2 = grads["db2"]
    ### END CODE HERE ###
    ### START CODE HERE ### (≈ 4 lines of code)
    W1 = W1 - learning_rate * dW1
    b1 = b1 - learning_rate * db1
    W2 = W2 - learning_rate * dW2
    b2 = b2 - learning_rate * db2
    ### END CODE HERE ###
    parameters = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    return parameters
'''

MODEL = '''
def nn_model(X, Y, n_h, num_iterations=10000, print_cost=False):
    """Gradient descent, from start to end."""
    np.random.seed(3)
    n_x = layer_sizes(X, Y)[0]
    n_y = layer_sizes(X, Y)[2]
    ### START CODE HERE ### (≈ 5 lines of code)
    parameters = initialize_parameters(n_x, n_h, n_y)
    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    ### END CODE HERE ###
    for i in range(0, num_iterations):
        ### START CODE HERE ### (≈ 4 lines of code)
        A2, cache = forward_propagation(X, parameters)
        cost = compute_cost(A2, Y, parameters)
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads)
        ### END CODE HERE ###
        if print_cost and i % 1000 == 0:
            print("Cost after iteration %i: %f" % (i, cost))
    return parameters
'''

PREDICT = '''
def predict(parameters, X):
    """The likelier colour of each point."""
    ### START CODE HERE ### (≈ 2 lines of code)
    A2, cache = forward_propagation(X, parameters)
    predictions = A2 > 0.5
    ### END CODE HERE ###
    return predictions
'''

FUNCTIONS = {
    "layer_sizes": LAYER_SIZES,
    "initialize_parameters": INITIALIZE,
    "forward_propagation": FORWARD,
    "compute_cost": COST,
    "backward_propagation": BACKWARD,
    "update_parameters": UPDATE,
    "nn_model": MODEL,
    "predict": PREDICT,
}

TRAINING = """
parameters = nn_model(X, Y, n_h=4, num_iterations=300, print_cost=True)
plot_decision_boundary(lambda x: predict(parameters, x.T), X, Y)
predictions = predict(parameters, X)
hits = np.dot(Y, predictions.T) + np.dot(1 - Y, 1 - predictions.T)
print("Accuracy: %d" % float(hits / float(Y.size) * 100) + "%")
"""

PYTORCH = """
# Enter your code here
import torch
import torch.nn as nn

torch.manual_seed(0)
inputs = torch.tensor(X.T, dtype=torch.float32)
targets = torch.tensor(Y.T, dtype=torch.float32)
net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1), nn.Sigmoid())
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(net.parameters(), lr=1.2)
for epoch in range(2000):
    optimizer.zero_grad()
    loss = criterion(net(inputs), targets)
    loss.backward()
    optimizer.step()
# End of your code
"""

ACCURACY = """
# Print accuracy
with torch.no_grad():
    print("Accuracy:", ((net(inputs) > 0.5).float() == targets).float().mean().item())
# Visualization of your decision boundary
plot_decision_boundary(lambda x: net(torch.tensor(x, dtype=torch.float32)) > 0.5, X, Y)
"""


def blank(source: str) -> str:
    """Return a cell as it is handed out: what is assigned between the markers is None."""
    lines, inside = [], False
    for line in source.splitlines():
        if "### START CODE" in line:
            inside = True
        elif "### END CODE" in line:
            inside = False
        elif inside and "=" in line:
            line = line.partition(" = ")[0] + " = None"
        lines.append(line)
    return "\n".join(lines) + "\n"


def cells(
    numpy: dict[str, str] | None = None,
    pytorch: Sequence[str] = (PYTORCH, ACCURACY),
    training: str = TRAINING,
) -> list[str]:
    """Return the notebook's code cells, with some functions replaced; None leaves one out."""
    functions = {**FUNCTIONS, **(numpy or {})}
    written = [source for source in functions.values() if source]
    return [SET_UP, DATA, BASELINE, *written, training, *pytorch]


def blank_cells() -> list[str]:
    """Return the code cells of the notebook as it is handed out."""
    return [
        SET_UP,
        blank(DATA),
        BASELINE,
        *(blank(source) for source in FUNCTIONS.values()),
        TRAINING,
        "# Enter your code here\n\n\n# End of your code\n",
        "# Print accuracy\n",
    ]


def slipped(name: str, *changes: tuple[str, str]) -> dict[str, str]:
    """Return the function `name` with each text replaced by another; each must be there."""
    source = FUNCTIONS[name]
    for old, new in changes:
        assert old in source, f"{name} has no {old!r}"
        source = source.replace(old, new)
    return {name: source}


def notebook(sources: Iterable[str]) -> bytes:
    """Return the cells as a notebook of format 4, with prose between them and a foreign kernel."""
    written = [{"cell_type": "markdown", "metadata": {}, "source": ["# Planar data\n"]}]
    for number, source in enumerate(sources, 1):
        written.append(
            {
                "cell_type": "code",
                "execution_count": number,
                "metadata": {"collapsed": False},
                "outputs": [{"output_type": "stream", "name": "stdout", "text": ["...\n"]}],
                "source": source.strip("\n").splitlines(keepends=True),
            }
        )
        written.append({"cell_type": "markdown", "metadata": {}, "source": "**Next** exercise"})
    kernel = {"kernelspec": {"name": "conda-env-dl-py", "language": "python"}}
    book = {"cells": written, "metadata": kernel, "nbformat": 4, "nbformat_minor": 2}
    return json.dumps(book).encode()


def old_notebook(sources: Iterable[str]) -> bytes:
    """Return the cells as a notebook of format 3, which has worksheets."""
    written = [{"cell_type": "code", "input": source, "outputs": []} for source in sources]
    return json.dumps({"nbformat": 3, "worksheets": [{"cells": written}]}).encode()


def module(sources: Iterable[str]) -> bytes:
    """Return the cells as one Python file, as a notebook exports it."""
    plain = "\n\n".join(sources).replace("%matplotlib inline", "# %matplotlib inline")
    return plain.encode()


def markdown(sources: Iterable[str]) -> bytes:
    """Return the cells as notedown writes them: fenced blocks with attributes."""
    blocks = [
        f'```{{.python .input  n="{number}"}}\n{source.strip()}\n```\n\n'
        '```{.json .output}\n[{"name": "stdout"}]\n```\n'
        for number, source in enumerate(sources, 1)
    ]
    return ("# Planar data\n\n" + "\n".join(blocks)).encode()
