"""A process's parent."""

import ctypes

PR_SET_PDEATHSIG = 1


def outlived(signal):
    """Whoever outlives its parent gets the signal: of a rig that is killed nothing is left."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal))
