// Says what network policies allow, by cyclonus' matcher: reads policies, peers and attempts as JSON, writes a JSON list of booleans, one for each attempt.
package main

import (
	"encoding/json"
	"log"
	"os"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// A pod, or an address outside when it has no namespace.
type peer struct {
	IP              string            `json:"ip"`
	Namespace       string            `json:"namespace"`
	NamespaceLabels map[string]string `json:"namespaceLabels"`
	PodLabels       map[string]string `json:"podLabels"`
}

type attempt struct {
	From     string          `json:"from"`
	To       string          `json:"to"`
	Port     int             `json:"port"`
	PortName string          `json:"portName"`
	Protocol corev1.Protocol `json:"protocol"`
}

type question struct {
	Policies []*networkingv1.NetworkPolicy `json:"policies"`
	Peers    map[string]peer               `json:"peers"`
	Attempts []attempt                     `json:"attempts"`
}

func main() {
	var asked question
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		log.Fatal(err)
	}
	policy := matcher.BuildNetworkPolicies(false, asked.Policies)
	verdicts := make([]bool, 0, len(asked.Attempts))
	for _, attempt := range asked.Attempts {
		verdicts = append(verdicts, policy.IsTrafficAllowed(&matcher.Traffic{
			Source:           trafficPeer(asked.Peers, attempt.From),
			Destination:      trafficPeer(asked.Peers, attempt.To),
			ResolvedPort:     attempt.Port,
			ResolvedPortName: attempt.PortName,
			Protocol:         attempt.Protocol,
		}).IsAllowed())
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		log.Fatal(err)
	}
}

func trafficPeer(peers map[string]peer, name string) *matcher.TrafficPeer {
	found, known := peers[name]
	if !known {
		log.Fatalf("no peer %q", name)
	}
	if found.Namespace == "" {
		return &matcher.TrafficPeer{IP: found.IP}
	}
	internal := &matcher.InternalPeer{PodLabels: found.PodLabels, NamespaceLabels: found.NamespaceLabels, Namespace: found.Namespace}
	return &matcher.TrafficPeer{Internal: internal, IP: found.IP}
}
