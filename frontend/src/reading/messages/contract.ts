/** Types of messages and announcements, by the names that the reading room uses. */

export type { Inbox, Message, ReadingMessages, StudyAnnouncement } from "../../schema";
