// A directed graph of names, in which an edge leads from a name to what it depends on.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace nopo {

// Iterative throughout, so that a chain of any length is fine. Everything takes time in proportion
// to names and edges, but for a factor log(names) where an order by name is promised.
class DependencyGraph {
 public:
  // Adds `name` without dependencies unless it is there.
  void AddNode(absl::string_view name);
  // Adds both nodes; repeats are ignored.
  void AddDependency(absl::string_view name, absl::string_view depends_on);

  bool Contains(absl::string_view name) const;

  // A cycle in dependency order with its first name repeated at the end ("web", "api", "web"),
  // starting at its smallest name; empty when there is none. Deterministic.
  std::vector<std::string> FindCycle() const;
  // Dependencies before dependents; ties by name. Requires no cycle.
  std::vector<std::string> TopologicalOrder() const;
  // `roots` and everything they depend on, sorted.
  std::vector<std::string> ReachableFrom(const std::vector<std::string>& roots) const;

  // What each name depends on when those that `passes` stand for their own dependencies, however
  // many of them are in a row: sorted, free of names that pass. These are keys as well. Requires no
  // cycle.
  std::map<std::string, std::vector<std::string>> DependenciesThrough(
      absl::FunctionRef<bool(absl::string_view)> passes) const;

 private:
  using Id = int;  // Index in names_ and edges_.
  using Edges = std::vector<std::vector<Id>>;

  Id Intern(absl::string_view name);
  std::vector<Id> IdsByName() const;
  std::vector<Id> TopologicalIds() const;
  Edges Reversed() const;
  // The way from a node on it back to itself, along edges; empty when `start` leads to no cycle.
  // `state` is shared by the searches of one graph.
  enum class Visited : char { kNo, kOnPath, kFinished };
  std::vector<Id> CycleFrom(Id start, std::vector<Visited>& state) const;

  std::vector<std::string> names_;
  Edges edges_;
  absl::flat_hash_map<std::string, Id> ids_;
};

// "web -> api -> web"
std::string CycleText(const std::vector<std::string>& cycle);

}  // namespace nopo
