#include "daemon/docker/log_demultiplexer.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

// The first byte of a frame.
constexpr unsigned char kStderr = 2;
constexpr unsigned char kEngineError = 3;

}  // namespace

absl::Status LogDemultiplexer::Feed(absl::string_view bytes) {
  if (tty_) {
    if (!bytes.empty()) output_(ContainerStream::kStdout, bytes);
    return absl::OkStatus();
  }
  while (!bytes.empty()) {
    if (header_size_ < header_.size()) {
      const size_t size = std::min(bytes.size(), header_.size() - header_size_);
      std::memcpy(header_.data() + header_size_, bytes.data(), size);
      header_size_ += size;
      bytes.remove_prefix(size);
      if (header_size_ == header_.size()) NOPO_RETURN_IF_ERROR(BeginFrame());
      continue;
    }
    const size_t size = std::min<size_t>(bytes.size(), payload_left_);
    NOPO_RETURN_IF_ERROR(TakePayload(bytes.substr(0, size)));
    bytes.remove_prefix(size);
  }
  return absl::OkStatus();
}

absl::Status LogDemultiplexer::BeginFrame() {
  if (header_[0] > kEngineError || header_[1] != 0 || header_[2] != 0 || header_[3] != 0) {
    return MakeError(absl::StatusCode::kInternal, Reason::kEngineFailed,
                     "the engine sent output that is not in frames");
  }
  payload_left_ = uint32_t{header_[4]} << 24 | uint32_t{header_[5]} << 16 |
                  uint32_t{header_[6]} << 8 | uint32_t{header_[7]};
  if (payload_left_ == 0) header_size_ = 0;
  return absl::OkStatus();
}

absl::Status LogDemultiplexer::TakePayload(absl::string_view piece) {
  payload_left_ -= static_cast<uint32_t>(piece.size());
  if (payload_left_ == 0) header_size_ = 0;
  if (header_[0] != kEngineError) {
    output_(header_[0] == kStderr ? ContainerStream::kStderr : ContainerStream::kStdout, piece);
    return absl::OkStatus();
  }
  absl::StrAppend(&engine_message_, piece);
  if (payload_left_ > 0) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, Reason::kEngineFailed,
                   absl::StripAsciiWhitespace(engine_message_));
}

}  // namespace nopo
