"`python -m linreg_nb audit data.csv --y price`: the command of chapter 15c. Written by hand."
import sys

from linreg_nb.audit import main

if __name__ == "__main__":
    sys.exit(main())
