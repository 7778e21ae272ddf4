package pop

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"tinycdn/cmd/tinycdn/system"
)

// giveUp gives up root, if that is configured, and all else that needed to be only until the sockets were bound. The logs are
// the user's.
func (p *POP) giveUp() error {
	user := p.started.User
	if err := p.member.giveFolder(user); err != nil {
		return err
	}
	folders := system.Folders{Write: p.logFolders(), Remove: p.socketFolders(), Own: p.member.folders()}
	if p.keeper != nil {
		folders.Own = append(slices.Clip(folders.Own), p.keeper.folder.Path)
	}
	binding := p.web == nil || !p.AllBound() // without a page server there may be one yet
	if p.restarts.by.Role != "" {
		if err := system.GiveUpAgain(user, binding); err != nil {
			return err
		}
	} else if err := system.GiveUp(user, binding, folders); err != nil {
		return err
	}
	f, err := os.OpenFile(p.path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may be a pipe by now
	switch {
	case err == nil:
		f.Close()
	case errors.Is(err, fs.ErrPermission): // of all else the configuration's mistakes tell
		p.log.Warn(p.path+" cannot be read by this user", "user", user, "effect", "a change of it will not be taken over")
	}
	if !p.dns.OpenLog() && p.standsIn() {
		return errors.New("dns.query_log cannot be written (one in another folder needs a restart by the service manager)")
	}
	if p.web != nil && !p.web.OpenLog() && p.standsIn() {
		return errors.New("web.access_log.file cannot be written (one in another folder needs a restart by the service manager)")
	}
	return nil
}

// logFolders are those in which the access log and the query log are written: the folders above, too, for theirs may be made anew.
func (p *POP) logFolders() (list []string) {
	files := p.started.Logs()
	for _, file := range files {
		if target, err := filepath.EvalSymlinks(file); err == nil && target != file {
			files = append(files, target)
		}
	}
	for _, file := range files {
		folder := filepath.Dir(file)
		list = append(list, folder, filepath.Dir(folder))
	}
	return list
}

// bound are closed when no address is left that could not be bound yet.
func (p *POP) bound() []<-chan struct{} {
	if p.web == nil {
		return []<-chan struct{}{p.dns.AllBound()}
	}
	return []<-chan struct{}{p.dns.AllBound(), p.web.AllBound()}
}

// AllBound says whether each address that is to be listened on could be bound.
func (p *POP) AllBound() bool {
	for _, bound := range p.bound() {
		select {
		case <-bound:
		default:
			return false
		}
	}
	return true
}

// bindLast waits until all is bound, that of the page server too, and then gives up what only that needed.
func (p *POP) bindLast(ctx context.Context) error {
	select {
	case <-p.hasPages:
	case <-ctx.Done():
		return nil
	}
	for _, bound := range p.bound() {
		select {
		case <-bound:
		case <-ctx.Done():
			return nil
		}
	}
	if err := system.GiveUpBinding(); err != nil {
		p.log.Warn(err.Error())
	}
	<-ctx.Done()
	return nil
}
