#include "CVirby.h"
