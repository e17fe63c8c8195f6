//! The comparison with H.264, and metrics.

use girih_tests::program::Folder;

use crate::small;

const COMPARE: &str = "compare in.y4m --against h264:fast --preset ultrafast --crfs 22,28,34,40";

#[test]
fn table_and_json() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(8));
    let table = folder.girih(COMPARE).ok();
    for word in ["h264", "22", "40", "BD"] {
        assert!(table.to_lowercase().contains(&word.to_lowercase()), "no {word} in\n{table}");
    }
    let json = folder.girih(&format!("{COMPARE} --json")).ok();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap_or_else(|e| panic!("{e}: {json}"));
    assert!(value.is_object() || value.is_array(), "{json}");
    assert_eq!(folder.names(), ["in.y4m"], "nothing stays behind");
    let line = folder.girih(&format!("{COMPARE} absent.y4m")).fails(1);
    assert!(line.contains("absent.y4m"), "{line}");
}

#[test]
fn gray_is_compared_as_it_is() {
    let folder = Folder::new();
    let gray = girih_tests::format(80, 56, girih::ChromaFormat::Mono, 8);
    folder.write_clip("in.y4m", &girih_tests::clip(girih_samples::Scene::Mix, gray, 4));
    let json = folder.girih(&format!("{COMPARE} --json")).ok();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap_or_else(|e| panic!("{e}: {json}"));
    let best = |curve: usize| -> f64 {
        let points = value["clips"][0]["coders"][curve]["points"].as_array().into_iter().flatten();
        points.filter_map(|p| p["psnr_y"].as_f64()).fold(0.0, f64::max)
    };
    // Stretched or squeezed levels would cost 10 dB and more.
    assert!(best(0) > 35.0 && (best(1) - best(0)).abs() < 5.0, "{} {}", best(0), best(1));
}

#[test]
fn identical_files_and_files_that_do_not_match() {
    let folder = Folder::new();
    let source = small(4);
    folder.write_clip("a.y4m", &source);
    let same = folder.girih("metrics a.y4m a.y4m --json").ok();
    let same: serde_json::Value = serde_json::from_str(&same).expect("JSON");
    // Infinity is no number in JSON; a program may give null or a very high value.
    assert!(same["overall"]["psnr_y"].as_f64().is_none_or(|v| v > 80.0), "{same}");
    assert!(same["overall"]["ssim"].as_f64().is_some_and(|v| v > 0.9999), "{same}");
    let other = girih_tests::format(64, 56, girih::ChromaFormat::Yuv420, 8);
    folder.write_clip("b.y4m", &girih_tests::clip(girih_samples::Scene::Mix, other, 4));
    folder.girih("metrics a.y4m b.y4m").fails(1);
}

#[test]
fn a_report_is_one_page() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(8));
    folder.girih(&format!("{COMPARE} --report out/report")).ok();
    let page = String::from_utf8(folder.read("out/report/index.html")).expect("UTF-8");
    for word in [
        "<svg",
        "BD-rate",
        "h264:fast",
        "data:image/png;base64,",
        "type=range",
        "libx264",
        "girih encode in.y4m",
    ] {
        assert!(page.contains(word), "no {word}");
    }
    assert!(page.matches("<svg").count() >= 4);
    // It works offline: no address in it but the name space of SVG.
    let addresses = page.matches("http").count() - page.matches("http://www.w3.org/").count();
    assert_eq!(addresses, 0);
    let line = folder.girih(&format!("{COMPARE} --report out/report")).fails(1);
    assert!(line.contains("index.html"), "{line}");
}

#[test]
#[cfg(unix)]
fn a_report_with_vmaf() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(4));
    // A stand-in for an ffmpeg with libvmaf, which Debian's has not: it must get every picture twice.
    let bytes = 8 * (6 + small(1)[0].planes.iter().map(|p| p.width() * p.height()).sum::<usize>());
    folder.write(
        "ffmpeg",
        format!(
            "#!/bin/sh\ncase \"$*\" in *-filters*) echo ' .. libvmaf  VV->V  -'; exit;; esac\n\
             n=$(tail -n +2 | wc -c)\n[ $n = {bytes} ] && echo \"VMAF score: 91.2345\" >&2 || echo $n bytes >&2\n"
        )
        .as_bytes(),
    );
    let script = folder.path("ffmpeg");
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).expect("a script");
    let words = "compare in.y4m --preset ultrafast --crfs 30,40 --report out";
    folder.girih_in(words, &[("GIRIH_FFMPEG", script.as_os_str())]).ok();
    let page = String::from_utf8(folder.read("out/index.html")).expect("UTF-8");
    assert!(page.matches("<td class=n>91.23").count() >= 2 && !page.contains("VMAF left out"));

    let words = "compare in.y4m --preset ultrafast --crfs 30 --report other";
    let line = folder.girih_in(words, &[("GIRIH_FFMPEG", "in.y4m".as_ref())]).fails(1);
    assert!(line.contains("GIRIH_FFMPEG") && line.contains("in.y4m"), "{line}");
    assert!(!folder.path("other/index.html").exists());
}
