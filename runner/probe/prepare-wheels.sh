#!/usr/bin/env bash
# Download the wheels that an offline GPU host lacks (x86-64 Linux, CPython 3.12) into a folder.
#
#   prepare-wheels.sh [FOLDER [REQUIREMENT...]]      FOLDER defaults to .whl
#
# On the offline GPU host, with the folder beside you:
#   python3 -m pip install -q --no-index --no-deps --no-compile --upgrade --target DIR FOLDER/*.whl
#   export PYTHONPATH=DIR
#
# Nothing is resolved: each wheel is fetched with --no-deps, and what the wheels
# need beyond this folder is listed at the end; it must be on the host already.
# bitsandbytes is repacked with only its CPU library and one CUDA library.
# Running again fetches only what is missing.
#
# Environment: BNB_CUDA (130), BITSANDBYTES, LIGER, PYDANTIC, RUAMEL (requirements,
# each may be pinned, an empty one is left out), MAX_MIB (60), PYTHON (python3).
set -euo pipefail
export LC_ALL=C

PYTHON=${PYTHON:-python3}
BNB_CUDA=${BNB_CUDA:-130}
BITSANDBYTES=${BITSANDBYTES-bitsandbytes==0.50.2}
LIGER=${LIGER-liger-kernel==0.8.5}
PYDANTIC=${PYDANTIC-pydantic==2.14.3}
RUAMEL=${RUAMEL-}
MAX_MIB=${MAX_MIB:-60}
PYVER=3.12

say() { printf 'prepare-wheels: %s\n' "$*"; }
die() { printf 'prepare-wheels: error: %s\n' "$*" >&2; exit 1; }

case ${1-} in
  -h|--help) sed -n '2,/^set -e/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
  -*) die "unknown option $1 (the first argument is a folder)" ;;
esac
dest=${1:-.whl}
[ $# -gt 0 ] && shift
"$PYTHON" -m pip --version >/dev/null 2>&1 || die "'$PYTHON -m pip' does not run"
mkdir -p -- "$dest"

# "Name_x.y [extra] == 1.2" -> "name-x-y" (PEP 503) and "1.2" ("" when not pinned)
norm() { printf '%s' "$1" | sed -E 's/[][ <>=!~;(].*//' | tr 'A-Z' 'a-z' | sed -E 's/[-_.]+/-/g'; }
pin() { printf '%s' "$1" | sed -nE 's/^[^=<>!~;]*== *([0-9A-Za-z.+!]+) *$/\1/p'; }

# The wheels of one project in the folder, any version.
held() {
  local f b
  for f in "$dest"/*.whl; do
    [ -e "$f" ] || continue
    b=${f##*/}
    if [ "$(norm "${b%%-*}")" = "$1" ]; then printf '%s\n' "$f"; fi
  done
}

fetch() {  # REQUIREMENT: one wheel of it in the folder, no other version beside it
  local req=$1 name want have f b v keep=
  name=$(norm "$req"); want=$(pin "$req")
  [ -n "$name" ] || die "cannot read a project name from '$req'"
  while IFS= read -r f; do
    [ -n "$f" ] || continue
    b=${f##*/}; v=$(printf '%s' "$b" | cut -d- -f2)
    if [ -z "$keep" ] && { [ "$v" = "$want" ] || [ "$req" = "${req%%[=<>!~]*}" ]; } \
       && "$PYTHON" -m zipfile -t "$f" >/dev/null 2>&1; then
      keep=$f
    else
      say "removing $b (not known to be '$req', or damaged)"; rm -f -- "$f"
    fi
  done < <(held "$name")
  if [ -n "$keep" ]; then say "have ${keep##*/}"; return; fi
  say "fetching $req"
  "$PYTHON" -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: \
    --python-version "$PYVER" --implementation cp \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 \
    --platform manylinux_2_24_x86_64 --platform manylinux_2_17_x86_64 \
    --platform manylinux2014_x86_64 --platform manylinux_2_12_x86_64 \
    --platform manylinux2010_x86_64 --platform manylinux_2_5_x86_64 \
    --platform manylinux1_x86_64 -d "$dest" "$req" \
    || die "no wheel of '$req' for CPython $PYVER on x86-64 Linux could be fetched (only sdists? another glibc tag?)"
}

# The exact requirement that a held wheel states for another project ("" if none applies).
needs_of() {  # NORMALISED-NAME DEPENDENCY
  "$PYTHON" - "$(held "$1" | head -n1)" "$2" <<'PY'
import email, re, sys, zipfile
norm = lambda s: re.sub(r"[-_.]+", "-", s).lower()
with zipfile.ZipFile(sys.argv[1]) as z:
    name = next(n for n in z.namelist() if n.endswith(".dist-info/METADATA"))
    meta = email.message_from_bytes(z.read(name))
for req in meta.get_all("Requires-Dist") or []:
    spec, _, marker = req.partition(";")
    if "extra" in marker:
        continue
    m = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(.*)", spec)
    if m and norm(m.group(1)) == norm(sys.argv[2]):
        print(m.group(1) + m.group(2).strip(" ()").replace(" ", ""))
        break
PY
}

trim_bitsandbytes() {
  "$PYTHON" - "$(held bitsandbytes | head -n1)" "$BNB_CUDA" <<'PY'
import base64, csv, hashlib, io, os, re, sys, zipfile
path, cuda = sys.argv[1:3]
keep = {"libbitsandbytes_cpu.so", f"libbitsandbytes_cuda{cuda}.so"}
lib = re.compile(r"^bitsandbytes/libbitsandbytes_[^/]*\.(so|dll|dylib)$")
folder, base = os.path.split(path)
parts = base[:-4].split("-")
say = lambda s: print("prepare-wheels:", s, flush=True)
with zipfile.ZipFile(path) as z:
    libs = {n.split("/")[-1] for n in z.namelist() if lib.match(n)}
    if keep - libs:
        sys.exit(f"prepare-wheels: error: {base} lacks {sorted(keep - libs)}; it has {sorted(libs)} (set BNB_CUDA?)")
    if libs == keep:
        say(f"{base} holds only {', '.join(sorted(keep))}")
        sys.exit(0)
    # A build tag tells the repacked wheel from the published one.
    new = "-".join(parts[:2] + [f"1trim{cuda}"] + parts[-3:]) + ".whl"
    rows, out = [], os.path.join(folder, new)
    tmp = out + ".part"
    with zipfile.ZipFile(tmp, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as w:
        record = None
        for info in z.infolist():
            n = info.filename
            if n.endswith(".dist-info/RECORD"):
                record = n
                continue
            if n.endswith("/") or (lib.match(n) and n.split("/")[-1] not in keep):
                continue
            if n.endswith((".dist-info/RECORD.jws", ".dist-info/RECORD.p7s")):
                continue
            data = z.read(n)
            if n.endswith(".dist-info/WHEEL"):
                lines = [l for l in data.decode().splitlines() if l and not l.startswith("Build:")]
                at = next((i for i, l in enumerate(lines) if l.startswith("Tag:")), len(lines))
                lines.insert(at, f"Build: 1trim{cuda}")
                data = ("\n".join(lines) + "\n").encode()
            i = zipfile.ZipInfo(n, date_time=(1980, 1, 1, 0, 0, 0))
            i.external_attr, i.compress_type = info.external_attr, zipfile.ZIP_DEFLATED
            w.writestr(i, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append((n, f"sha256={digest}", len(data)))
        buf = io.StringIO()
        csv.writer(buf, lineterminator="\n").writerows(rows + [(record, "", "")])
        i = zipfile.ZipInfo(record, date_time=(1980, 1, 1, 0, 0, 0))
        i.external_attr, i.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
        w.writestr(i, buf.getvalue())
before = os.path.getsize(path)
os.replace(tmp, out)
if out != path:
    os.remove(path)
say(f"repacked {base} ({before / 2**20:.1f} MiB) as {new} ({os.path.getsize(out) / 2**20:.1f} MiB), keeping {', '.join(sorted(keep))}")
PY
}

rm -f -- "$dest"/*.whl.part
if [ -n "$BITSANDBYTES" ]; then fetch "$BITSANDBYTES"; trim_bitsandbytes; fi
if [ -n "$LIGER" ]; then fetch "$LIGER"; fi
if [ -n "$PYDANTIC" ]; then
  fetch "$PYDANTIC"
  core=$(needs_of pydantic pydantic-core)          # pydantic pins its core exactly
  fetch "${core:-pydantic-core}"
  fetch annotated-types
  fetch typing-inspection
fi
if [ -n "$RUAMEL" ]; then
  fetch "$RUAMEL"
  clib=$(needs_of ruamel-yaml ruamel.yaml.clib)    # older versions need it, newer ones do not
  if [ -n "$clib" ]; then fetch ruamel.yaml.clib; fi
fi
for req in "$@"; do fetch "$req"; done

# Every RECORD must agree with its wheel; then the size, and what the host must hold itself.
"$PYTHON" - "$dest" "$MAX_MIB" <<'PY'
import base64, csv, email, glob, hashlib, io, os, re, sys, zipfile
dest, limit = sys.argv[1], float(sys.argv[2])
norm = lambda s: re.sub(r"[-_.]+", "-", s).lower()
wheels, total, have, needs = sorted(glob.glob(os.path.join(glob.escape(dest), "*.whl"))), 0, set(), {}
for path in wheels:
    base, size = os.path.basename(path), os.path.getsize(path)
    total += size
    have.add(norm(base.split("-")[0]))
    print(f"prepare-wheels: {size / 2**20:8.2f} MiB  {base}")
    with zipfile.ZipFile(path) as z:
        names = {n for n in z.namelist() if not n.endswith("/")}
        record = next(n for n in names if n.endswith(".dist-info/RECORD"))
        listed = {}
        for name, digest, _ in csv.reader(io.StringIO(z.read(record).decode())):
            listed[name] = digest
        odd = names ^ set(listed)
        for n, d in listed.items():
            if n in names and d:
                algo, _, want = d.partition("=")
                got = base64.urlsafe_b64encode(hashlib.new(algo, z.read(n)).digest()).rstrip(b"=").decode()
                if got != want:
                    odd.add(n)
        if odd:
            sys.exit(f"prepare-wheels: error: {base}: RECORD disagrees on {sorted(odd)[:5]}")
        meta = email.message_from_bytes(z.read(next(n for n in names if n.endswith(".dist-info/METADATA"))))
        for req in meta.get_all("Requires-Dist") or []:
            spec, _, marker = req.partition(";")
            # extras, and what another system or an older Python needs
            if re.search(r"extra|win32|Windows|darwin|python_version *<=? *.3\.([0-9]|1[0-2])\b", marker):
                continue
            needs.setdefault(norm(re.match(r"[A-Za-z0-9._-]+", spec.strip()).group()), []).append(
                f"{spec.strip()} ({base.split('-')[0]})")
missing = [r for n, rs in sorted(needs.items()) if n not in have for r in rs]
if missing:
    print("prepare-wheels: the host must have: " + ", ".join(missing))
print(f"prepare-wheels: {len(wheels)} wheels, {total / 2**20:.2f} MiB in {dest} (limit {limit:g} MiB)")
if total > limit * 2**20:
    sys.exit("prepare-wheels: error: over the limit; name fewer wheels or raise MAX_MIB")
PY
