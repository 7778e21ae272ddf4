package theme

import (
	"html/template"
	"sync"
	"text/template/parse"
)

// stepName is the function that counts steps. No owner can call it: it is not there while their templates are read.
const stepName = "step"

// set is a template with all that it may use, for as many executions at a time as are wanted.
type set struct {
	read  *template.Template // never executed, so that it can be copied
	steps int                // that each execution may take

	mu   sync.Mutex
	free []*execution
}

// execution is a copy of a set with a meter of its own.
type execution struct {
	*template.Template
	meter meter
}

// newSet lets each round of a loop and each template that is called count as a step.
func newSet(read *template.Template) *set {
	for _, t := range read.Templates() {
		if t.Tree != nil && t.Tree.Root != nil {
			count(t.Tree, t.Tree.Root)
			insertStep(t.Tree, t.Tree.Root)
		}
	}
	return &set{read: read, steps: mostSteps}
}

// take gives an execution that nobody else uses.
func (s *set) take() *execution {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(s.free) - 1; last >= 0 {
		e := s.free[last]
		s.free = s.free[:last]
		e.meter.reset(s.steps)
		return e
	}
	copied, err := s.read.Clone()
	if err != nil {
		panic("theme: internal error: " + err.Error()) // only after it was executed
	}
	e := &execution{Template: copied}
	e.Funcs(e.meter.functions())
	e.meter.reset(s.steps)
	return e
}

// give takes an execution back.
func (s *set) give(e *execution) {
	e.meter.reset(0) // the page is its caller's now
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, e)
}

// count inserts a step into each loop below a list.
func count(tree *parse.Tree, list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.IfNode:
			count(tree, node.List)
			count(tree, node.ElseList)
		case *parse.WithNode:
			count(tree, node.List)
			count(tree, node.ElseList)
		case *parse.RangeNode:
			count(tree, node.List)
			count(tree, node.ElseList)
			insertStep(tree, node.List)
		}
	}
}

// insertStep puts {{$step := step}} at the beginning of a list: a value that is kept is not shown.
func insertStep(tree *parse.Tree, list *parse.ListNode) {
	call := parse.NewIdentifier(stepName).SetPos(list.Pos).SetTree(tree)
	step := &parse.ActionNode{NodeType: parse.NodeAction, Pos: list.Pos, Pipe: &parse.PipeNode{
		NodeType: parse.NodePipe, Pos: list.Pos,
		Decl: []*parse.VariableNode{{NodeType: parse.NodeVariable, Pos: list.Pos, Ident: []string{"$ step"}}},
		Cmds: []*parse.CommandNode{{NodeType: parse.NodeCommand, Pos: list.Pos, Args: []parse.Node{call}}},
	}}
	list.Nodes = append([]parse.Node{step}, list.Nodes...)
}
