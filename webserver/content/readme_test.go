package content

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestREADMENamesAllThatTemplatesSee(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, seen := range []reflect.Type{reflect.TypeFor[*View](), reflect.TypeFor[*Info](), reflect.TypeFor[*Page](), reflect.TypeFor[*Tag]()} {
		for _, field := range reflect.VisibleFields(seen.Elem()) {
			if field.IsExported() && !strings.Contains(text, "."+field.Name) {
				t.Errorf("%s of %s is not in it", field.Name, seen)
			}
		}
		for i := range seen.NumMethod() {
			if name := seen.Method(i).Name; !strings.Contains(text, "."+name) {
				t.Errorf("%s of %s is not in it", name, seen)
			}
		}
	}
	for name := range functions {
		if !strings.Contains(text, "`"+name) {
			t.Errorf("the function %q is not in it", name)
		}
	}
	for _, block := range strings.Split(baseOf(t), "{{block \"")[1:] {
		if name, _, _ := strings.Cut(block, `"`); !strings.Contains(text, "`"+name+"`") {
			t.Errorf("the block %q is not in it", name)
		}
	}
}

func baseOf(t *testing.T) string {
	t.Helper()
	data, err := builtIn.ReadFile("templates/base.html")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
