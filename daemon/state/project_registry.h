// One writing operation per project at a time; others wait their turn and say so.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cancellation.h"
#include "common/mutex.h"

namespace nopo {

class ProjectRegistry {
 public:
  // Held while an operation changes a project; gives the turn to the next when destroyed.
  class Turn {
   public:
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    friend class ProjectRegistry;
    Turn(ProjectRegistry* registry, std::filesystem::path root);
    ProjectRegistry* registry_;
    std::filesystem::path root_;
  };

  // Waits, first come first served, until no other operation changes `root`. `operation` ("up") is
  // what others are told they wait for; `waiting` is called once with that name if it must wait.
  //
  // Errors: CANCELLED.
  absl::StatusOr<Turn> Acquire(const std::filesystem::path& root, absl::string_view operation,
                               const std::function<void(absl::string_view)>& waiting,
                               const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Line {
    std::string holder;      // Operation that has the turn; "" = nobody.
    std::deque<int> tickets;  // Of those that wait, in order.
  };
  void Release(const std::filesystem::path& root) ABSL_LOCKS_EXCLUDED(mutex_);

  Mutex mutex_;
  CondVar changed_;
  std::map<std::filesystem::path, Line> lines_ ABSL_GUARDED_BY(mutex_);
  int next_ticket_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace nopo
