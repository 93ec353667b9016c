"""The .npy files beside this script, as NumPy writes them (made with numpy 2.4.6: python make.py).

Element (i, j) of each is i * 10 + j where its type allows it.
"""
import os
import numpy as np

os.chdir(os.path.dirname(os.path.abspath(__file__)))
base = np.add.outer(np.arange(3) * 10, np.arange(4))


def save(name, values, version=None):
    with open(name + ".npy", "wb") as file:
        np.lib.format.write_array(file, values, version=version)


for code in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"]:
    save(code, base.astype(code))
for code in ["c8", "c16"]:
    save(code, (base - 1j * base).astype(code))
save("bool", base % 3 == 0)
save("fortran", np.asfortranarray(base.astype("f8")))
save("fortran_3d", np.asfortranarray(np.arange(24, dtype="i4").reshape(2, 3, 4)))
save("version_2", base.astype("f8"), (2, 0))
save("version_3", base.astype("f8"), (3, 0))
save("rank_0", np.array(2.5))
save("empty", np.zeros((0, 3), "f4"))
save("big_endian", base.astype(">f8"))
save("half", base.astype("f2"))
save("text", np.array(["a", "bc"]))
save("time", np.array(["2024-01-01"], dtype="M8[D]"))
save("fields", np.zeros(2, dtype=[("x", "<f8"), ("n", "<i4")]))
save("fields_utf8", np.zeros(2, dtype=[("\u4e16", "<f8")]))
save("objects", np.array([None, 1], dtype=object))
