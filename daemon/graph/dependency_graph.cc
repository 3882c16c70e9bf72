#include "daemon/graph/dependency_graph.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>

#include "absl/strings/str_join.h"

namespace nopo {

DependencyGraph::Id DependencyGraph::Intern(absl::string_view name) {
  const auto [entry, is_new] = ids_.try_emplace(name, static_cast<Id>(names_.size()));
  if (is_new) {
    names_.emplace_back(name);
    edges_.emplace_back();
  }
  return entry->second;
}

void DependencyGraph::AddNode(absl::string_view name) { Intern(name); }

void DependencyGraph::AddDependency(absl::string_view name, absl::string_view depends_on) {
  const Id from = Intern(name);
  const Id to = Intern(depends_on);
  std::vector<Id>& known = edges_[from];
  if (std::find(known.begin(), known.end(), to) == known.end()) known.push_back(to);
}

bool DependencyGraph::Contains(absl::string_view name) const { return ids_.contains(name); }

std::vector<DependencyGraph::Id> DependencyGraph::IdsByName() const {
  std::vector<Id> ids(names_.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::sort(ids.begin(), ids.end(), [this](Id a, Id b) { return names_[a] < names_[b]; });
  return ids;
}

DependencyGraph::Edges DependencyGraph::Reversed() const {
  Edges reversed(edges_.size());
  for (size_t from = 0; from < edges_.size(); ++from) {
    for (const Id to : edges_[from]) reversed[to].push_back(static_cast<Id>(from));
  }
  return reversed;
}

std::vector<std::string> DependencyGraph::FindCycle() const {
  std::vector<Visited> state(names_.size(), Visited::kNo);
  for (const Id start : IdsByName()) {
    const std::vector<Id> way = CycleFrom(start, state);
    if (way.empty()) continue;
    std::vector<std::string> cycle;
    for (const Id id : way) cycle.push_back(names_[id]);
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    cycle.push_back(cycle.front());
    return cycle;
  }
  return {};
}

std::vector<DependencyGraph::Id> DependencyGraph::CycleFrom(Id start,
                                                            std::vector<Visited>& state) const {
  if (state[start] != Visited::kNo) return {};
  // Depth first: `path` is the way from the start to the current node, `next` the dependency to be
  // looked at next of each node on it.
  std::vector<Id> path = {start};
  std::vector<size_t> next = {0};
  state[start] = Visited::kOnPath;
  while (!path.empty()) {
    const std::vector<Id>& dependencies = edges_[path.back()];
    if (next.back() == dependencies.size()) {
      state[path.back()] = Visited::kFinished;
      path.pop_back();
      next.pop_back();
      continue;
    }
    const Id dependency = dependencies[next.back()++];
    if (state[dependency] == Visited::kOnPath) {
      return {std::find(path.begin(), path.end(), dependency), path.end()};
    }
    if (state[dependency] == Visited::kFinished) continue;
    state[dependency] = Visited::kOnPath;
    path.push_back(dependency);
    next.push_back(0);
  }
  return {};
}

std::vector<DependencyGraph::Id> DependencyGraph::TopologicalIds() const {
  const std::vector<Id> by_name = IdsByName();
  std::vector<int> rank(names_.size());
  for (size_t i = 0; i < by_name.size(); ++i) rank[by_name[i]] = static_cast<int>(i);
  const Edges dependents = Reversed();
  std::vector<size_t> unmet(names_.size());
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;  // Ranks.
  for (size_t id = 0; id < edges_.size(); ++id) {
    unmet[id] = edges_[id].size();
    if (unmet[id] == 0) ready.push(rank[id]);
  }
  std::vector<Id> order;
  order.reserve(names_.size());
  while (!ready.empty()) {
    order.push_back(by_name[ready.top()]);
    ready.pop();
    for (const Id dependent : dependents[order.back()]) {
      if (--unmet[dependent] == 0) ready.push(rank[dependent]);
    }
  }
  return order;
}

std::vector<std::string> DependencyGraph::TopologicalOrder() const {
  std::vector<std::string> order;
  order.reserve(names_.size());
  for (const Id id : TopologicalIds()) order.push_back(names_[id]);
  return order;
}

std::vector<std::string> DependencyGraph::ReachableFrom(
    const std::vector<std::string>& roots) const {
  std::vector<Id> pending;
  for (const std::string& root : roots) {
    if (const auto found = ids_.find(root); found != ids_.end()) pending.push_back(found->second);
  }
  std::vector<bool> seen(names_.size());
  std::vector<std::string> names;
  while (!pending.empty()) {
    const Id id = pending.back();
    pending.pop_back();
    if (seen[id]) continue;
    seen[id] = true;
    names.push_back(names_[id]);
    pending.insert(pending.end(), edges_[id].begin(), edges_[id].end());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::map<std::string, std::vector<std::string>> DependencyGraph::DependenciesThrough(
    absl::FunctionRef<bool(absl::string_view)> passes) const {
  std::vector<bool> passing(names_.size());
  for (size_t id = 0; id < names_.size(); ++id) passing[id] = passes(names_[id]);
  // Dependencies come first in the order, so each node finds those of its dependencies resolved.
  Edges resolved(names_.size());
  std::vector<Id> seen_by(names_.size(), -1);  // The last node that has it.
  std::map<std::string, std::vector<std::string>> result;
  for (const Id id : TopologicalIds()) {
    const auto add = [&](Id dependency) {
      if (seen_by[dependency] == id) return;
      seen_by[dependency] = id;
      resolved[id].push_back(dependency);
    };
    for (const Id dependency : edges_[id]) {
      if (!passing[dependency]) add(dependency);
      if (passing[dependency])
        std::for_each(resolved[dependency].begin(), resolved[dependency].end(), add);
    }
    std::vector<std::string>& names = result[names_[id]];
    names.reserve(resolved[id].size());
    for (const Id dependency : resolved[id]) names.push_back(names_[dependency]);
    std::sort(names.begin(), names.end());
  }
  return result;
}

std::string CycleText(const std::vector<std::string>& cycle) {
  return absl::StrJoin(cycle, " -> ");
}

}  // namespace nopo
