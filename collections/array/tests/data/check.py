"""NumPy's view of what `arrays_come_back_from_files_whatever_their_chunks` wrote: python check.py FOLDER.

    mkdir /tmp/kept; TASKWEAVE_KEEP=/tmp/kept cargo test -p taskweave-array come_back; python check.py /tmp/kept
"""
import json
import os
import sys
import numpy as np

count = 0
for folder, _, files in os.walk(sys.argv[1]):
    for name in files:
        path = os.path.join(folder, name)
        if name.endswith(".npy") and not folder.endswith(".stack"):
            values = np.load(path)
            bare = np.fromfile(path[:-4] + ".raw", values.dtype)
            assert values.flags.c_contiguous
            np.testing.assert_array_equal(values.ravel(), bare)
            stack = path[:-4] + ".stack"
            if os.path.exists(stack):
                info = json.load(open(os.path.join(stack, "info")))
                parts = [np.load(f"{stack}/{at}.npy") for at in range(len(info["lengths"]))]
                assert [len(part) for part in parts] == info["lengths"]
                assert list(values.shape) == info["shape"] and values.dtype == info["descr"]
                np.testing.assert_array_equal(np.concatenate(parts), values)
            count += 1
print(count, "arrays are what they should be")
