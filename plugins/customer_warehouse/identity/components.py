"""Connected components: which records hang together through any chain of links."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


def connected_components(size: int, one: Numbers, other: Numbers) -> Numbers:
    """The component of each node 0 … size-1 under the links `one[i]`-`other[i]`, named by its smallest node.

    Every node starts as its own label. In each round both ends of a link bring the smaller of their labels to the
    node that the larger one names, then every label follows its chain to the end; links within one label are done
    with. A chain halves each time it is followed, so rounds are few even for one long path. The answer does not
    depend on the order of the links.
    """
    labels = np.arange(size, dtype=np.int64)
    while len(one):
        label_one, label_other = labels[one], labels[other]
        apart = label_one != label_other
        one, other = one[apart], other[apart]
        low = np.minimum(label_one, label_other)[apart]
        high = np.maximum(label_one, label_other)[apart]
        np.minimum.at(labels, high, low)
        while True:
            followed = labels[labels]
            if np.array_equal(followed, labels):
                break
            labels = followed
    return labels
