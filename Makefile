# Every target is one call of packaging/bootstrap.py, which serves as well where there is no make.
# Arguments go through: make test ARGS="-k search"
PYTHON ?= python3

.PHONY: demo run test lint bench bench-quick fuzz soak package package-smoke setup clean

demo run test lint bench bench-quick fuzz soak package package-smoke setup clean:
	@"$(PYTHON)" packaging/bootstrap.py $@ $(ARGS)
