#include "daemon/graph/dependency_graph.h"

#include <algorithm>
#include <queue>
#include <set>

#include "absl/strings/str_join.h"

namespace nopo {
namespace {

using Edges = std::map<std::string, std::vector<std::string>, std::less<>>;

Edges Reversed(const Edges& edges) {
  Edges reversed;
  for (const auto& [name, dependencies] : edges) {
    reversed.try_emplace(name);
    for (const std::string& dependency : dependencies) reversed[dependency].push_back(name);
  }
  return reversed;
}

std::vector<std::string> Reachable(const Edges& edges, const std::vector<std::string>& roots) {
  std::set<std::string> seen;
  std::vector<std::string> pending(roots);
  while (!pending.empty()) {
    const std::string name = std::move(pending.back());
    pending.pop_back();
    const auto found = edges.find(name);
    if (found == edges.end() || !seen.insert(name).second) continue;
    pending.insert(pending.end(), found->second.begin(), found->second.end());
  }
  return {seen.begin(), seen.end()};
}

// `path` without its repeated end, turned so that it starts at the smallest name, and closed again.
std::vector<std::string> NormalizedCycle(std::vector<std::string> path) {
  std::rotate(path.begin(), std::min_element(path.begin(), path.end()), path.end());
  path.push_back(path.front());
  return path;
}

}  // namespace

void DependencyGraph::AddNode(absl::string_view name) {
  if (!Contains(name)) dependencies_.emplace(std::string(name), std::vector<std::string>());
}

void DependencyGraph::AddDependency(absl::string_view name, absl::string_view depends_on) {
  AddNode(name);
  AddNode(depends_on);
  std::vector<std::string>& known = dependencies_.find(name)->second;
  if (std::find(known.begin(), known.end(), depends_on) == known.end()) {
    known.emplace_back(depends_on);
  }
}

bool DependencyGraph::Contains(absl::string_view name) const {
  return dependencies_.find(name) != dependencies_.end();
}

const std::vector<std::string>& DependencyGraph::DependenciesOf(absl::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto found = dependencies_.find(name);
  return found == dependencies_.end() ? kNone : found->second;
}

std::vector<std::string> DependencyGraph::FindCycle() const {
  // Depth first with an explicit stack: `path` is the way from the start to the current node.
  struct Visit {
    std::string name;
    const std::vector<std::string>* dependencies;
    size_t next = 0;
  };
  std::set<std::string, std::less<>> on_path, finished;
  for (const auto& [start, start_dependencies] : dependencies_) {
    if (finished.contains(start)) continue;
    std::vector<Visit> path = {{start, &start_dependencies}};
    on_path.insert(start);
    while (!path.empty()) {
      Visit& visit = path.back();
      if (visit.next == visit.dependencies->size()) {
        finished.insert(visit.name);
        on_path.erase(visit.name);
        path.pop_back();
        continue;
      }
      const std::string& dependency = (*visit.dependencies)[visit.next++];
      if (on_path.contains(dependency)) {
        std::vector<std::string> cycle;
        for (const Visit& step : path) cycle.push_back(step.name);
        cycle.erase(cycle.begin(), std::find(cycle.begin(), cycle.end(), dependency));
        return NormalizedCycle(std::move(cycle));
      }
      if (finished.contains(dependency)) continue;
      on_path.insert(dependency);
      path.push_back({dependency, &DependenciesOf(dependency)});
    }
  }
  return {};
}

std::vector<std::string> DependencyGraph::TopologicalOrder() const {
  const Edges dependents = Reversed(dependencies_);
  std::map<std::string, size_t, std::less<>> unmet;
  std::priority_queue<std::string, std::vector<std::string>, std::greater<>> ready;
  for (const auto& [name, dependencies] : dependencies_) {
    unmet[name] = dependencies.size();
    if (dependencies.empty()) ready.push(name);
  }
  std::vector<std::string> order;
  order.reserve(dependencies_.size());
  while (!ready.empty()) {
    order.push_back(ready.top());
    ready.pop();
    for (const std::string& dependent : dependents.find(order.back())->second) {
      if (--unmet[dependent] == 0) ready.push(dependent);
    }
  }
  return order;
}

std::vector<std::string> DependencyGraph::ReachableFrom(
    const std::vector<std::string>& roots) const {
  return Reachable(dependencies_, roots);
}

std::vector<std::string> DependencyGraph::DependentsOf(
    const std::vector<std::string>& roots) const {
  return Reachable(Reversed(dependencies_), roots);
}

std::string CycleText(const std::vector<std::string>& cycle) {
  return absl::StrJoin(cycle, " -> ");
}

}  // namespace nopo
