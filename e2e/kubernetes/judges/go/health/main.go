// Says what Flux and Argo CD make of objects: reads {"lua": SCRIPT, "objects": [...]}, writes a list of {"flux", "argo", "message"}.
//
// Flux asks kstatus, which is used here as it is. Argo CD judges a kind of others by a Lua script that an administrator gives it; what is around the
// script is as in Argo CD (util/lua/lua.go and gitops-engine/pkg/health/health.go): deletion is decided before it, few libraries are open, the
// object is the global `obj`, and the script returns a table with `status`, which must be one of a list, and `message`.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type question struct {
	Lua     string                      `json:"lua"`
	Objects []unstructured.Unstructured `json:"objects"`
}

type verdict struct {
	Flux    string `json:"flux"`
	Argo    string `json:"argo"`
	Message string `json:"message"`
}

var words = []string{"Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatal(err)
	}
	verdicts := make([]verdict, 0, len(asked.Objects))
	for index := range asked.Objects {
		object := &asked.Objects[index]
		computed, err := status.Compute(object)
		if err != nil {
			log.Fatal(err)
		}
		word, message, err := argo(asked.Lua, object)
		if err != nil {
			log.Fatal(err)
		}
		verdicts = append(verdicts, verdict{Flux: computed.Status.String(), Argo: word, Message: message})
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		log.Fatal(err)
	}
}

func argo(script string, object *unstructured.Unstructured) (word, message string, err error) {
	if object.GetDeletionTimestamp() != nil {
		return "Progressing", "Pending deletion", nil
	}
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for _, library := range []struct {
		name string
		open lua.LGFunction
	}{{lua.BaseLibName, lua.OpenBase}, {lua.TabLibName, lua.OpenTable}} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(library.open), Protect: true}, lua.LString(library.name)); err != nil {
			return "", "", err
		}
	}
	state.SetGlobal("obj", toLua(state, object.Object))
	if err := state.DoString(script); err != nil {
		return "", "", err
	}
	answer, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return "", "", fmt.Errorf("the script returned no table")
	}
	word = lua.LVAsString(answer.RawGetString("status"))
	if !slices.Contains(words, word) {
		return "", "", fmt.Errorf("the script returned the status %q, which is none", word)
	}
	return word, lua.LVAsString(answer.RawGetString("message")), nil
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch typed := value.(type) {
	case bool:
		return lua.LBool(typed)
	case string:
		return lua.LString(typed)
	case int64:
		return lua.LNumber(typed)
	case float64:
		return lua.LNumber(typed)
	case []any:
		table := state.NewTable()
		for _, each := range typed {
			table.Append(toLua(state, each))
		}
		return table
	case map[string]any:
		table := state.NewTable()
		for key, each := range typed {
			table.RawSetString(key, toLua(state, each))
		}
		return table
	}
	return lua.LNil
}
