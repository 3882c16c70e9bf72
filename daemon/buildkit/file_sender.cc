#include "daemon/buildkit/file_sender.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "buildkit/session.grpc.pb.h"

namespace nopo {
namespace {

using fsutil::types::Packet;

constexpr size_t kMaxSenders = 2;
// Larger pieces are faster, but engine 20.10 takes no message of 4 MiB.
constexpr size_t kPieceSize = 1 << 20;

void FillStat(const FileStat& entry, fsutil::types::Stat& stat) {
  stat.set_path(entry.path);
  stat.set_mode(entry.mode);
  stat.set_size(entry.size);
  stat.set_mod_time(entry.modified_ns);
  stat.set_link_name(entry.link);
  stat.set_dev_major(entry.device_major);
  stat.set_dev_minor(entry.device_minor);
  for (const auto& [name, value] : entry.xattrs) (*stat.mutable_xattrs())[name] = value;
}

absl::Status StreamEnded() { return absl::CancelledError("BuildKit ended the transfer"); }

}  // namespace

FileSender::FileSender(const SyncedDirectory& directory, grpc::ServerContext& context,
                       PacketStream& stream, std::function<void(int64_t)> on_sent)
    : directory_(directory), context_(context), stream_(stream), on_sent_(std::move(on_sent)) {}

FileSender::~FileSender() { StopThreads(); }

grpc::Status FileSender::Run(SyncRequest request) {
  lister_ = std::thread([this, request = std::move(request)] { List(request); });
  Packet packet;
  while (stream_.Read(&packet)) {
    if (packet.type() == Packet::FIN) {
      StopThreads();
      Write(packet);
      return grpc::Status::OK;
    }
    if (packet.type() == Packet::ERR) {
      Fail(absl::AbortedError(packet.data()));
      break;
    }
    if (packet.type() != Packet::REQ) continue;
    const absl::Status enqueued = Enqueue(packet.id());
    if (!enqueued.ok()) {
      Fail(enqueued);
      break;
    }
  }
  // Wakes threads that write to a peer which no longer reads.
  context_.TryCancel();
  StopThreads();
  MutexLock lock(mutex_);
  const absl::Status& why = failure_.ok() ? StreamEnded() : failure_;
  return grpc::Status(static_cast<grpc::StatusCode>(why.code()), std::string(why.message()));
}

void FileSender::List(const SyncRequest& request) {
  const absl::Status listed =
      directory_.Walk(request, [this](const FileStat& entry) { return SendStat(entry); });
  if (!listed.ok()) {
    Fail(listed);
    return;
  }
  Packet end;
  end.set_type(Packet::STAT);
  Write(end);
}

absl::Status FileSender::SendStat(const FileStat& entry) {
  {
    MutexLock lock(mutex_);
    if (stopping_) return StreamEnded();
    // Before the packet leaves: BuildKit may ask for the file at once.
    paths_.push_back(entry.HasContent() ? entry.path : "");
  }
  Packet packet;
  packet.set_type(Packet::STAT);
  FillStat(entry, *packet.mutable_stat());
  return Write(packet) ? absl::OkStatus() : StreamEnded();
}

absl::Status FileSender::Enqueue(uint32_t id) {
  MutexLock lock(mutex_);
  if (id >= paths_.size() || paths_[id].empty()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no file ", id, " to be asked for"));
  }
  requested_.emplace_back(id, std::exchange(paths_[id], ""));
  changed_.NotifyOne();
  if (senders_.size() < kMaxSenders) senders_.emplace_back([this] { SendRequested(); });
  return absl::OkStatus();
}

void FileSender::SendRequested() {
  Packet packet;
  packet.set_type(Packet::DATA);
  while (true) {
    std::pair<uint32_t, std::string> next;
    {
      MutexLock lock(mutex_);
      while (requested_.empty() && !stopping_) changed_.Wait(mutex_);
      if (stopping_) return;
      next = std::move(requested_.front());
      requested_.pop_front();
    }
    SendFile(next.first, next.second, packet);
  }
}

void FileSender::SendFile(uint32_t id, const std::string& path, Packet& packet) {
  packet.set_id(id);
  const absl::Status read =
      directory_.Read(path, kPieceSize, *packet.mutable_data(), [&] { return Write(packet); });
  if (!read.ok()) {
    Fail(read);
    return;
  }
  packet.mutable_data()->clear();
  Write(packet);
}

bool FileSender::Write(const Packet& packet) {
  on_sent_(static_cast<int64_t>(packet.ByteSizeLong()));
  MutexLock lock(write_mutex_);
  return stream_.Write(packet);
}

void FileSender::Fail(const absl::Status& failure) {
  {
    MutexLock lock(mutex_);
    if (stopping_ || !failure_.ok()) return;
    failure_ = failure;
  }
  Packet packet;
  packet.set_type(Packet::ERR);
  packet.set_data(std::string(failure.message()));
  Write(packet);
}

void FileSender::StopThreads() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (lister_.joinable()) lister_.join();
  for (std::thread& sender : senders_) sender.join();
  senders_.clear();
}

}  // namespace nopo
