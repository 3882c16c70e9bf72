#include "daemon/rpc/operation_index.h"

#include <utility>

namespace nopo {

OperationIndex::Entry::Entry(OperationIndex& index, std::string name, Cancellation& cancellation)
    : index_(index) {
  if (name.empty()) return;
  MutexLock lock(index_.mutex_);
  if (index_.operations_.emplace(name, &cancellation).second) name_ = std::move(name);
}

OperationIndex::Entry::~Entry() {
  if (name_.empty()) return;
  MutexLock lock(index_.mutex_);
  index_.operations_.erase(name_);
}

bool OperationIndex::Cancel(const std::string& name) {
  // Under the lock, so that the operation cannot end and take its Cancellation away meanwhile; the
  // callbacks that this runs only wake those that wait.
  MutexLock lock(mutex_);
  const auto found = operations_.find(name);
  if (found == operations_.end()) return false;
  found->second->Cancel();
  return true;
}

}  // namespace nopo
