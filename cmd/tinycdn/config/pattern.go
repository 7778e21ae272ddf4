package config

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"tinycdn/zones/diag"
)

// Pattern is an entry of zones that stands for many files, and what was found of them.
type Pattern struct {
	Keys    []string // where it stands
	Text    string   // as it is written
	Found   int      // how many files there are
	Blocked []Blocked

	folder, inside string
	folders        []string // that were looked through
}

// Blocked is a folder that could not be looked through: which zones there are in it, nobody knows.
type Blocked struct {
	Folder string
	Why    string
	Gone   bool // it is not there at all
}

const wildcards = "*?["

// cutPattern divides a pattern behind the last folder before its first wildcard. Only inside of that folder may names be
// patterns: the folder of the configuration itself may well be called p[1].
func cutPattern(pattern string) (folder, inside string) {
	pattern = filepath.Clean(pattern)
	first := strings.IndexAny(pattern, wildcards)
	if first < 0 {
		return pattern, ""
	}
	slash := strings.LastIndexByte(pattern[:first], filepath.Separator)
	return pattern[:slash+1], filepath.ToSlash(pattern[slash+1:])
}

func (p *Pattern) valid() bool {
	_, err := path.Match(p.inside, "")
	return err == nil
}

// find finds the files, in the order of their names.
func (p *Pattern) find() (files []ZoneFile) {
	names := []string{""}
	steps := strings.Split(p.inside, "/")
	for i, step := range steps {
		var next []string
		for _, name := range names {
			next = append(next, p.step(name, step, i == len(steps)-1)...)
		}
		names = next
	}
	slices.Sort(names)
	for _, name := range names {
		files = append(files, ZoneFile{Path: filepath.Join(p.folder, name)})
	}
	p.Found = len(files)
	return files
}

// step gives what fits the next step of the pattern in a folder: files at the last one, and before it folders.
func (p *Pattern) step(name, step string, last bool) (fit []string) {
	if !strings.ContainsAny(step, wildcards+`\`) && !last {
		return []string{path.Join(name, step)}
	}
	folder := filepath.Join(p.folder, name)
	p.folders = append(p.folders, folder)
	entries, err := os.ReadDir(folder)
	// Not every folder has what the pattern goes on with, but the first is one, and there.
	gone := errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
	if err != nil && (name == "" || !gone) {
		p.Blocked = append(p.Blocked, Blocked{folder, diag.Reason(err), gone})
	}
	for _, entry := range entries {
		if matches, _ := path.Match(step, entry.Name()); !matches || isLitter(entry.Name()) {
			continue
		}
		below := path.Join(name, entry.Name())
		if is := entry.IsDir() || entry.Type()&fs.ModeSymlink != 0 && isFolder(filepath.Join(p.folder, below)); is != last {
			fit = append(fit, below)
		}
	}
	return fit
}

// Lost says of a file that it was once found and is not now, and that this may be an accident: its folder is blocked, or no file is
// left. With asked, somebody says that what is there is meant: only what a folder holds that cannot be read is open then.
func (p *Pattern) Lost(file ZoneFile, asked bool) bool {
	if !p.fits(file) {
		return false
	}
	for _, b := range p.Blocked {
		if way, err := filepath.Rel(b.Folder, file.Path); err == nil && filepath.IsLocal(way) && !(asked && b.Gone) {
			return true
		}
	}
	return p.Found == 0 && !asked
}

// Gone says of a file, by its absolute path, that the pattern stands for it, and that it is not there because that is meant: see Lost.
func (p *Pattern) Gone(path string, asked bool) bool {
	folder, err := filepath.Abs(p.folder)
	if err != nil {
		return false
	}
	name, err := filepath.Rel(folder, path)
	if err != nil {
		return false
	}
	file := ZoneFile{Path: filepath.Join(p.folder, name)}
	_, err = os.Lstat(file.Path)
	return errors.Is(err, fs.ErrNotExist) && p.fits(file) && !p.Lost(file, asked)
}

// fits says whether a file may be one that the pattern stands for.
func (p *Pattern) fits(file ZoneFile) bool {
	name, err := filepath.Rel(p.folder, file.Path)
	fits, _ := path.Match(p.inside, filepath.ToSlash(name))
	return err == nil && fits
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// isLitter reports whether a name is that of what an editor or a copying tool leaves behind or hides.
func isLitter(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || strings.HasPrefix(name, "#")
}
