package publishing

import (
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/system"
)

// checkFolder loads the folder as serve would.
func checkFolder(path string, say *telling) (*pop.Generation, error) {
	system.LimitMemory()
	g := pop.Load(path, nil, pop.Options{}).TryPages(false)
	err := g.Err()
	if err == nil {
		err = g.Empty()
	}
	if err != nil {
		say.mistakes(err)
		return nil, exit.ErrReported
	}
	say.checked(g)
	return g, nil
}

// filesOf are the files that a generation consists of, below their top.
func filesOf(scan func(top string, names []string) ([]manifest.File, error), g *pop.Generation) (top string, files []manifest.File, err error) {
	top, names, err := tree(g.Files())
	if err != nil {
		return "", nil, err
	}
	files, err = scan(top, names)
	return top, files, err
}
