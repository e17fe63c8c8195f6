# Every target installs first what it needs; `make help` lists them.
CARGO ?= cargo
CLIPS ?= samples/real/carphone.mp4 samples/real/bigbuckbunny.mp4

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-9s %s\n", $$1, $$2 }'

setup: ## install missing packages (Debian; needs a Rust toolchain)
	@.ci/setup

build: setup ## the program, optimised: target/release/girih
	$(CARGO) build --release -p girih-cli -p girih-samples

demo: build ## encode a real clip, decode it, compare it with H.264
	@samples/demo.sh

install-c: setup ## the library for C with girih.h and girih.pc, below PREFIX (/usr/local) and DESTDIR
	$(CARGO) build --release -p girih-capi
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" LIBDIR="$(LIBDIR)" INCLUDEDIR="$(INCLUDEDIR)" codec/capi/install

player: setup ## the decoder for the browser: target/player/girih-player.html
	@samples/player/setup
	samples/player/build

test: setup ## all tests
	@samples/player/setup
	$(CARGO) test --workspace

lint: setup ## formatting and clippy, warnings are errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

bench: setup ## speed of kernels, of whole decodes, and beside x264 (CLIPS: which clips)
	$(CARGO) bench --workspace
	$(CARGO) build --release -p girih-cli
	samples/fetch.sh carphone bigbuckbunny
	benches/ratios.py $(CLIPS)

clips: setup ## make samples/clips again
	samples/make-clips.sh

vectors: setup ## make the conformance vectors again (see tests/conformance/README.md)
	$(CARGO) run --release -p girih-tests --bin make-vectors

.PHONY: help setup build demo install-c player test lint bench clips vectors
