#!/usr/bin/env bats
# The workflows of GitHub, whose machines are not here: their form, and the scripts that are their steps.

load helpers

setup() {
  own_folder
  PATH=$PWD/bin:$REPO/scripts/ci:$PATH
  mkdir bin
}

# program NAME: a program of that name, its text on standard input.
program() {
  cat >"bin/$1"
  chmod +x "bin/$1"
}

# broken NAME EDIT: a copy of guest.yml with something wrong in it.
broken() {
  mkdir -p broken
  sed -E "$2" "$REPO/.github/workflows/guest.yml" >"broken/$1.yml"
  ! cmp -s "broken/$1.yml" "$REPO/.github/workflows/guest.yml"
}

@test "the workflows fit GitHub's schema and our rules" {
  run --separate-stderr -0 "$REPO/scripts/check-workflows"
  [ -z "$output" ]
  [ -z "$stderr" ]
}

@test "a workflow that breaks a rule is found, each" {
  broken schema 's/^( *)timeout-minutes:/\1timeout-minuets:/'
  broken tag 's/(actions\/checkout)@[0-9a-f]{40} # (v[0-9.]+)/\1@\2/'
  broken short 's/(actions\/checkout@[0-9a-f]{8})[0-9a-f]{32}/\1/'
  broken image 's/debian:12/debian/'
  broken missing 's/scripts\/ci\/guest/scripts\/ci\/host/'
  broken syntax 's/run: scripts.*/run: if scripts\/ci\/guest/'
  broken shell 's/run: scripts.*/run: echo $UNQUOTED/'
  broken lines 's/run: scripts.*/run: |\n          true\n          echo made/'
  broken granted 's/^permissions:/env:/'
  broken injected 's/run: scripts.*/run: echo "${{ github.head_ref }}"/'
  run --separate-stderr -1 "$REPO/scripts/check-workflows" "$PWD/broken"
  [ -z "$output" ]
  for words in \
    "schema.yml::\$.jobs.image" \
    'schema.yml: image: no time limit' \
    "tag.yml: image: 'actions/checkout@v7.0.1' is not pinned by its commit" \
    "short.yml: image: 'actions/checkout@3d3c42e5' is not pinned by its commit" \
    "image.yml: image: the image 'debian' has no version" \
    "missing.yml: image: 'scripts/ci/host' is not a program here" \
    'syntax.yml: image: if scripts/ci/guest: bash: ' \
    'shell.yml: image: echo $UNQUOTED: -:1:6: note: Double quote' \
    'lines.yml: image: more than one line of shell: true' \
    'granted.yml: image: no permissions' \
    'error[template-injection]'; do
    grep -qF -e "$words" <<<"$stderr" || {
      echo "not found: $words" >&2
      echo "$stderr" >&2
      return 1
    }
  done
}

@test "a step called wrongly says how, with status 64" {
  for script in guest logs mac-bats mac-builder mac-packages publish toolbox; do
    echo "$script"
    run --separate-stderr -64 "$script"
    [ -z "$output" ]
    [[ $stderr == "usage: scripts/ci/$script "* ]]
  done
  run --separate-stderr -64 mac-packages emacs
  [ "$stderr" = "mac-packages: 'emacs' is not one of build, test, qemu and vfkit" ]
}

@test "mac-virtualization: a Mac without is a failure, not a skip" {
  for name in sw_vers sudo; do program "$name" <<<'#!/bin/sh'; done
  for answer in 0 1; do
    program sysctl <<<"#!/bin/sh
[ \"\$*\" != '-n kern.hv_support' ] || echo $answer"
    case $answer in
      0)
        run --separate-stderr -69 mac-virtualization
        [ "$stderr" = "mac-virtualization: this machine has no virtualization: kern.hv_support is not 1
mac-virtualization: hint: use a runner such as 'macos-26-intel'" ]
        ;;
      1) run --separate-stderr -0 mac-virtualization ;;
    esac
  done
}

@test "mac-bats: counts what passed, failed and was skipped, and why" {
  printf '@test "%s" { %s; }\n' good true bad false lazy 'skip "needs a moon"' idle 'skip "needs a moon"' >some.bats
  mkdir -p "$PWD/tmp"
  run --separate-stderr -1 env GITHUB_STEP_SUMMARY="$PWD/summary" TMPDIR="$PWD/tmp" mac-bats "$PWD/some.bats"
  [ "$(cat summary)" = "### $PWD/some.bats
1 passed, 1 failed, 2 skipped

- failed: bad$(sed -n 's/^not ok 2 bad\( in .*\)/\1/p' <<<"$output")
- skipped: 2 needs a moon" ]
}

# artifact NAME FILE...: what another job has left, with checksums.
artifact() {
  mkdir -p "artifacts/$1"
  (
    cd "artifacts/$1" || exit
    for file in "${@:2}"; do echo "$file" >"$file"; done
    sha256sum -- * >../sums && mv ../sums SHA256SUMS
  )
}

@test "publish: one list of checksums, and nothing that has none or a wrong one" {
  program gh <<'EOT'
#!/bin/sh
printf '%s\n' "$@" >"$TOLD"
cat SHA256SUMS >"$TOLD.sums"
EOT
  export TOLD=$PWD/told GITHUB_REPOSITORY=someone/virby
  artifact guest-arm64 virby-guest-arm64.img.zst
  artifact toolbox virby-0.1.0-macos-arm64.tar.gz virby-0.1.0-macos-arm64.cdx.json
  run --separate-stderr -0 publish v0.1.0 artifacts
  [ "$(head -n 4 told | tr '\n' ' ')" = 'release create v0.1.0 --repo ' ]
  grep -qx -e --draft told
  [ "$(sed '1,/^--$/d' told)" = 'SHA256SUMS
virby-0.1.0-macos-arm64.cdx.json
virby-0.1.0-macos-arm64.tar.gz
virby-guest-arm64.img.zst' ]
  [ "$(wc -l <told.sums)" -eq 3 ]

  rm told
  echo more >artifacts/toolbox/unlisted
  run --separate-stderr -65 publish v0.1.0 artifacts
  [ "$stderr" = "publish: the files in 'artifacts' are not those that have checksums" ]
  rm artifacts/toolbox/unlisted
  echo spoilt >artifacts/guest-arm64/virby-guest-arm64.img.zst
  run -1 publish v0.1.0 artifacts
  [ ! -e told ]
}

@test "toolbox: a tag that is not this version makes nothing" {
  run --separate-stderr -65 toolbox v99.0.0 "$PWD/out"
  [ -z "$output" ]
  [[ $stderr == "toolbox: the tag 'v99.0.0' is not that of version "* ]]
  [ ! -e out ]
}
