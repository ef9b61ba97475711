use super::*;

#[test]
fn stars_cover_what_is_documented_and_nothing_else() {
    #[rustfmt::skip]
    let cases: [(&str, &[&str], &[&str]); 13] = [
        ("studio", &["studio"], &["", "Studio", "studio1", " studio", "studio\n"]),
        ("", &[""], &["a"]),
        ("studio-*", &["studio-", "studio-1", "studio-a?b@c#d\\e"], &["studio", "studio-1/2", "studio-a:b"]),
        ("*", &["", "b4e7", "a.b", "ä*"], &["rtsp://cam/1", "rtmp://cam", "vod://file.mp4", "a:b", "/a", "a/b"]),
        ("*-low", &["-low", "a-low", "a-low-low"], &["a-low-", "low", "a/b-low"]),
        ("a*b*c", &["abc", "aXbYc", "abbcc", "abcbc"], &["ab", "acb", "aXbY", "abc:"]),
        ("**", &["", "b4e7", "rtsp://cam/1?a=b"], &[]),
        ("a/**/z", &["a//z", "a/b/c/z"], &["a/z", "a/b/c"]),
        ("***", &["", "a:b/c"], &[]),
        ("rtsp://cam/*", &["rtsp://cam/", "rtsp://cam/1"],
            &["rtsp://cam/1/2", "rtsp://cam/1?x", "rtsp://cam/1#x", "rtsp://cam", "RTSP://cam/1", "rtsp://camera/1"]),
        ("rtsp://*.example.com/live", &["rtsp://a.example.com/live", "rtsp://a.b.example.com/live"],
            &["rtsp://evil.org?.example.com/live", "rtsp://evil.org#.example.com/live", "rtsp://evil.org\\.example.com/live",
              "rtsp://evil.org/.example.com/live", "rtsp://a:b@.example.com/live", "rtsp://a@b.example.com/live"]),
        ("rtsp://cam/**", &["rtsp://cam/1/2?x=y"], &["rtsp://camera/1", "rtmp://cam/1"]),
        ("vod://*.mp4", &["vod://a.mp4"], &["vod://a/b.mp4", "vod://a.mp4x"]),
    ];
    for (pattern, covered, others) in cases {
        let pattern = NamePattern::new(pattern);
        for name in covered {
            assert!(pattern.matches(name), "{pattern} {name}");
        }
        for name in others {
            assert!(!pattern.matches(name), "{pattern} {name}");
        }
    }
}

#[test]
fn a_pattern_is_written_as_it_was_read() {
    for pattern in ["", "a", "*", "**", "***", "a*b**c", "rtsp://*/**"] {
        assert_eq!(NamePattern::new(pattern).to_string(), pattern);
        assert_eq!(format!("{:?}", NamePattern::new(pattern)), format!("{pattern:?}"));
    }
}

/// A pattern that would take a backtracking matcher longer than the universe has been there.
#[test]
fn a_long_name_and_many_stars_take_no_exponential_time() {
    let pattern = NamePattern::new(&"a*".repeat(50));
    let name = "a".repeat(5_000) + ":";
    assert!(!pattern.matches(&name));
    assert!(pattern.matches(&name[..5_000]));
}
