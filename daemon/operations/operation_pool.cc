#include "daemon/operations/operation_pool.h"

#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nopo {

OperationPool::OperationPool(int max_threads) : max_threads_(max_threads) {}

OperationPool::~OperationPool() { Stop(); }

absl::Status OperationPool::Start(std::function<void()> work) {
  MutexLock lock(mutex_);
  if (closed_) return absl::UnavailableError("the daemon is stopping");
  const int wanted = busy_ + static_cast<int>(queue_.size()) + 1;
  if (wanted > max_threads_) {
    return absl::ResourceExhaustedError(
        absl::StrCat(max_threads_, " operations are running; try again when one has ended"));
  }
  if (wanted > static_cast<int>(threads_.size())) {
    try {
      threads_.emplace_back([this] { Work(); });
    } catch (const std::system_error& error) {
      return absl::ResourceExhaustedError(absl::StrCat("cannot start a thread: ", error.what()));
    }
  }
  queue_.push_back(std::move(work));
  changed_.NotifyOne();
  return absl::OkStatus();
}

int OperationPool::running() const {
  MutexLock lock(mutex_);
  return busy_ + static_cast<int>(queue_.size());
}

void OperationPool::Drain() {
  MutexLock lock(mutex_);
  closed_ = true;
  while (busy_ > 0 || !queue_.empty()) changed_.Wait(mutex_);
}

void OperationPool::Stop() {
  std::vector<std::thread> threads;
  {
    MutexLock lock(mutex_);
    closed_ = stopped_ = true;
    threads.swap(threads_);
    changed_.NotifyAll();
  }
  stopping_.Cancel();
  for (std::thread& thread : threads) thread.join();
}

void OperationPool::Work() {
  mutex_.Lock();
  while (true) {
    while (queue_.empty() && !stopped_) changed_.Wait(mutex_);
    if (queue_.empty()) break;
    std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    ++busy_;
    mutex_.Unlock();
    work();
    work = nullptr;  // What it captured may be as expensive to destroy as it was to run.
    mutex_.Lock();
    --busy_;
    if (closed_) changed_.NotifyAll();
  }
  mutex_.Unlock();
}

}  // namespace nopo
