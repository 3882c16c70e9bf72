// Runs independent pieces of blocking work side by side.
#pragma once

#include <cstddef>
#include <functional>

namespace nopo {

// Calls work(0) ... work(count - 1), at most `jobs` at once (this thread among them), and returns
// when all have returned. Starts are in order.
void ForEachInParallel(size_t count, size_t jobs, const std::function<void(size_t)>& work);

}  // namespace nopo
