#include "common/cancellation.h"

#include <utility>

namespace nopo {

Cancellation::Registration::Registration(Registration&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), id_(other.id_) {}

Cancellation::Registration& Cancellation::Registration::operator=(Registration&& other) noexcept {
  if (this != &other) {
    Unregister();
    owner_ = std::exchange(other.owner_, nullptr);
    id_ = other.id_;
  }
  return *this;
}

Cancellation::Registration::~Registration() { Unregister(); }

void Cancellation::Registration::Unregister() {
  if (owner_ == nullptr) return;
  MutexLock lock(owner_->mutex_);
  owner_->callbacks_.erase(id_);
  while (owner_->running_ == id_) owner_->changed_.Wait(owner_->mutex_);
  owner_ = nullptr;
}

Cancellation::Cancellation(const Cancellation& parent)
    : parent_(parent.OnCancel([this] { Cancel(); })) {}

void Cancellation::Cancel() {
  mutex_.Lock();
  cancelled_ = true;
  changed_.NotifyAll();
  while (running_ == 0 && !callbacks_.empty()) {
    auto node = callbacks_.extract(callbacks_.begin());
    running_ = node.key();
    mutex_.Unlock();
    node.mapped()();
    mutex_.Lock();
    running_ = 0;
    changed_.NotifyAll();
  }
  mutex_.Unlock();
}

bool Cancellation::IsCancelled() const {
  MutexLock lock(mutex_);
  return cancelled_;
}

absl::Status Cancellation::Check() const {
  return IsCancelled() ? absl::CancelledError("cancelled") : absl::OkStatus();
}

Cancellation::Registration Cancellation::OnCancel(std::function<void()> callback) const {
  {
    MutexLock lock(mutex_);
    if (!cancelled_) {
      const int id = next_id_++;
      callbacks_.emplace(id, std::move(callback));
      return Registration(this, id);
    }
  }
  callback();
  return Registration();
}

bool Cancellation::WaitUntil(absl::Time deadline) const {
  MutexLock lock(mutex_);
  while (!cancelled_) {
    if (!changed_.WaitUntil(mutex_, deadline)) return cancelled_;
  }
  return true;
}

}  // namespace nopo
