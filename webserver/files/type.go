package files

import (
	"path"
	"strings"
)

// types are the media types of files, by the end of their names. The table is our own because a machine's mime.types
// differ from POP to POP.
var types = map[string]string{
	// pages and what is in them
	".html":        "text/html; charset=utf-8",
	".htm":         "text/html; charset=utf-8",
	".xhtml":       "application/xhtml+xml",
	".css":         "text/css; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".mjs":         "text/javascript; charset=utf-8",
	".json":        "application/json",
	".map":         "application/json",
	".webmanifest": "application/manifest+json",
	".jsonld":      "application/ld+json",
	".geojson":     "application/geo+json",
	".wasm":        "application/wasm",

	// Which encoding XML is in, it says itself.
	".xml":  "application/xml",
	".xsl":  "application/xslt+xml",
	".xslt": "application/xslt+xml",
	".atom": "application/atom+xml",
	".rss":  "application/rss+xml",
	".opml": "text/x-opml; charset=utf-8",
	".gpx":  "application/gpx+xml",
	".kml":  "application/vnd.google-earth.kml+xml",

	// text
	".txt":    "text/plain; charset=utf-8",
	".text":   "text/plain; charset=utf-8",
	".log":    "text/plain; charset=utf-8",
	".md":     "text/markdown; charset=utf-8",
	".csv":    "text/csv; charset=utf-8",
	".tsv":    "text/tab-separated-values; charset=utf-8",
	".ics":    "text/calendar; charset=utf-8",
	".vcf":    "text/vcard; charset=utf-8",
	".vtt":    "text/vtt; charset=utf-8",
	".srt":    "text/plain; charset=utf-8",
	".yaml":   "application/yaml",
	".yml":    "application/yaml",
	".toml":   "application/toml",
	".asc":    "text/plain; charset=utf-8", // keys and signatures to look at
	".patch":  "text/x-diff; charset=utf-8",
	".diff":   "text/x-diff; charset=utf-8",
	".ndjson": "application/x-ndjson",

	// pictures
	".svg":  "image/svg+xml",
	".png":  "image/png",
	".apng": "image/apng",
	".jpg":  "image/jpeg",
	".jpeg": "image/jpeg",
	".gif":  "image/gif",
	".webp": "image/webp",
	".avif": "image/avif",
	".jxl":  "image/jxl",
	".heic": "image/heic",
	".ico":  "image/vnd.microsoft.icon",
	".bmp":  "image/bmp",
	".tif":  "image/tiff",
	".tiff": "image/tiff",

	// sound and film
	".mp3":  "audio/mpeg",
	".m4a":  "audio/mp4",
	".aac":  "audio/aac",
	".flac": "audio/flac",
	".ogg":  "audio/ogg",
	".oga":  "audio/ogg",
	".opus": "audio/ogg",
	".wav":  "audio/wav",
	".weba": "audio/webm",
	".mp4":  "video/mp4",
	".m4v":  "video/mp4",
	".mov":  "video/quicktime",
	".ogv":  "video/ogg",
	".webm": "video/webm",
	".mkv":  "video/matroska",
	".m3u8": "application/vnd.apple.mpegurl",
	".ts":   "video/mp2t",
	".mpd":  "application/dash+xml",

	// letters
	".woff2": "font/woff2",
	".woff":  "font/woff",
	".ttf":   "font/ttf",
	".otf":   "font/otf",
	".eot":   "application/vnd.ms-fontobject",

	// documents and archives
	".pdf":     "application/pdf",
	".epub":    "application/epub+zip",
	".rtf":     "application/rtf",
	".odt":     "application/vnd.oasis.opendocument.text",
	".ods":     "application/vnd.oasis.opendocument.spreadsheet",
	".odp":     "application/vnd.oasis.opendocument.presentation",
	".docx":    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx":    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx":    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".zip":     "application/zip",
	".gz":      "application/gzip",
	".tgz":     "application/gzip",
	".bz2":     "application/x-bzip2",
	".tbz2":    "application/x-bzip2",
	".xz":      "application/x-xz",
	".txz":     "application/x-xz",
	".lzma":    "application/x-lzma",
	".lz":      "application/x-lzip",
	".lz4":     "application/x-lz4",
	".zst":     "application/zstd",
	".tzst":    "application/zstd",
	".7z":      "application/x-7z-compressed",
	".rar":     "application/vnd.rar",
	".tar":     "application/x-tar",
	".cpio":    "application/x-cpio",
	".jar":     "application/java-archive",
	".torrent": "application/x-bittorrent",

	// packages, images of disks, and what vouches for them. Alpine's .apk is not Android's: it stays unknown.
	".deb":       "application/vnd.debian.binary-package",
	".udeb":      "application/vnd.debian.binary-package",
	".ddeb":      "application/vnd.debian.binary-package",
	".rpm":       "application/x-rpm",
	".drpm":      "application/x-rpm",
	".iso":       "application/x-iso9660-image",
	".sig":       "application/pgp-signature",
	".sign":      "application/pgp-signature",
	".pem":       "application/x-pem-file",
	".sha1":      "text/plain; charset=utf-8",
	".sha256":    "text/plain; charset=utf-8",
	".sha512":    "text/plain; charset=utf-8",
	".md5":       "text/plain; charset=utf-8",
	".dsc":       "text/plain; charset=utf-8",
	".changes":   "text/plain; charset=utf-8",
	".buildinfo": "text/plain; charset=utf-8",
	".metalink":  "application/metalink+xml",
	".meta4":     "application/metalink4+xml",
}

// unknown is the type of all else: browsers save it and do not guess.
const unknown = "application/octet-stream"

// typeOf is the media type of a file by the end of its name.
func typeOf(name string) string {
	if t := types[strings.ToLower(path.Ext(name))]; t != "" {
		return t
	}
	return unknown
}
