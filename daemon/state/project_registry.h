// One writing operation per project at a time; others wait their turn and say so.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cancellation.h"
#include "common/mutex.h"

namespace nopo {

// Thread-safe; outlives the turns it gave.
class ProjectRegistry {
 public:
  // Held while an operation changes a project; gives the turn to the next when destroyed.
  class [[nodiscard]] Turn {
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
  // what others are told they wait for; `waiting` is called once with that name if it must wait,
  // on this thread and without a lock held.
  //
  // Errors: CANCELLED.
  absl::StatusOr<Turn> Acquire(const std::filesystem::path& root, absl::string_view operation,
                               const std::function<void(absl::string_view)>& waiting,
                               const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Place {
    int ticket = 0;
    std::string operation;
  };
  // Exists while somebody has the project's turn.
  struct Line {
    Place holder;
    std::deque<Place> waiting;  // In order.
  };
  // Stands in line if there is one; the name of the operation that has the turn, unless it is ours.
  std::optional<std::string> Join(const std::filesystem::path& root, Place place)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // True when `ticket` got the turn; false, and out of the line, when cancelled before.
  bool AwaitTurn(const std::filesystem::path& root, int ticket, const Cancellation& cancellation)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Release(const std::filesystem::path& root) ABSL_LOCKS_EXCLUDED(mutex_);
  int NewTicket() ABSL_LOCKS_EXCLUDED(mutex_);

  Mutex mutex_;
  CondVar changed_;
  std::map<std::filesystem::path, Line> lines_ ABSL_GUARDED_BY(mutex_);
  int next_ticket_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace nopo
