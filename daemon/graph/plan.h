// A plan: the tasks of one request and what each waits for.
//
// Pure data, built by planners before anything runs. Knows nothing of what a task does.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nopo {

struct Task {
  std::string name;                     // "web:build", unique in its plan.
  std::vector<std::string> depends_on;  // Names of tasks of the plan, sorted, without repeats.
  std::string reason;                   // Why it is in the plan.
  // Those of `depends_on` that need not have ended, only be under way; see TaskContext.
  std::vector<std::string> after_under_way;
  bool waits = false;  // Mostly waits for others to act: does not take one of the jobs.
};

class Plan {
 public:
  // Orders `tasks`; they may come in any order. Dependencies are sorted and made unique.
  //
  // Errors:
  //   FAILED_PRECONDITION  a cycle; the message ends with "a -> b -> a", in dependency order
  //   INTERNAL             a dependency that is no task, or two tasks of one name
  static absl::StatusOr<Plan> Create(std::vector<Task> tasks);

  Plan() = default;

  // Dependencies first; among equals sorted by name.
  const std::vector<Task>& tasks() const { return tasks_; }
  bool empty() const { return tasks_.empty(); }
  // Null when absent. Valid as long as the plan.
  const Task* Find(absl::string_view name) const;

  // Longest-path levels: a task stands one stage after the latest of its dependencies. Names inside
  // a stage are sorted by bytes.
  std::vector<std::vector<std::string>> Stages() const;

 private:
  std::vector<Task> tasks_;
  absl::flat_hash_map<std::string, size_t> positions_;  // Name -> index in tasks_.
};

// "Stage 1: [shared:build]\nStage 2: [api:build, backend:build]\n"
std::string StagesText(const Plan& plan);

}  // namespace nopo
