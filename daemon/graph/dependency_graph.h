// A directed graph of names, in which an edge leads from a name to what it depends on.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nopo {

class DependencyGraph {
 public:
  // Adds `name` without dependencies unless it is there.
  void AddNode(absl::string_view name);
  // Adds both nodes; repeats are ignored.
  void AddDependency(absl::string_view name, absl::string_view depends_on);

  bool Contains(absl::string_view name) const;
  // In insertion order; empty for an unknown name.
  const std::vector<std::string>& DependenciesOf(absl::string_view name) const;

  // A cycle in dependency order with its first name repeated at the end ("web", "api", "web"),
  // starting at its smallest name; empty when there is none. Deterministic. Iterative: a chain of
  // any length is fine.
  std::vector<std::string> FindCycle() const;
  // Dependencies before dependents; ties by name. Requires no cycle.
  std::vector<std::string> TopologicalOrder() const;
  // `roots` and everything they depend on, sorted.
  std::vector<std::string> ReachableFrom(const std::vector<std::string>& roots) const;
  // `roots` and everything that depends on them, sorted.
  std::vector<std::string> DependentsOf(const std::vector<std::string>& roots) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> dependencies_;
};

// "web -> api -> web"
std::string CycleText(const std::vector<std::string>& cycle);

}  // namespace nopo
